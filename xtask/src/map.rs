//! Source maps, for truths.

use anyhow::{Context, Result};

/// Tells each range of a text with its source, and the line and column there,
/// both from 0, by the map: another reader than the one that is measured.
pub(crate) fn decoded(
    map: &[u8],
    text: &str,
    mut tell: impl FnMut((u32, u32), usize, (usize, usize)),
) -> Result<()> {
    let map: serde_json::Value = serde_json::from_slice(map)?;
    let mappings = map
        .get("mappings")
        .and_then(serde_json::Value::as_str)
        .context("a map without mappings")?;
    let (mut source, mut line, mut column_there) = (0i64, 0i64, 0i64);
    let mut before: Option<(u32, usize, (usize, usize))> = None;
    let mut base = 0usize;
    let mut lines = text.split_inclusive('\n');
    for group in mappings.split(';') {
        let generated = lines.next().unwrap_or_default();
        // Columns count UTF-16 units.
        let mut units: Vec<usize> = Vec::new();
        if !generated.is_ascii() {
            for (at, c) in generated.char_indices() {
                units.extend(std::iter::repeat_n(at, c.len_utf16()));
            }
        }
        let mut column = 0i64;
        for segment in group.split(',').filter(|segment| !segment.is_empty()) {
            let fields = variable_length(segment)?;
            column += fields.first().copied().unwrap_or(0);
            let column = usize::try_from(column)?;
            let inside = if units.is_empty() {
                column.min(generated.len())
            } else {
                units.get(column).copied().unwrap_or(generated.len())
            };
            let at = u32::try_from(base + inside)?;
            if let Some((start, source, place)) = before.take() {
                tell((start, at), source, place);
            }
            if let [_, in_source, in_line, in_column, ..] = fields.as_slice() {
                source += in_source;
                line += in_line;
                column_there += in_column;
                let place = (usize::try_from(line)?, usize::try_from(column_there)?);
                before = Some((at, usize::try_from(source)?, place));
            }
        }
        base += generated.len();
    }
    if let Some((start, source, place)) = before {
        tell((start, u32::try_from(text.len())?), source, place);
    }
    Ok(())
}

fn variable_length(segment: &str) -> Result<Vec<i64>> {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::new();
    let (mut value, mut shift) = (0i64, 0);
    for c in segment.chars() {
        let digit = DIGITS.find(c).context("no digit of a map")?;
        let digit = i64::try_from(digit)?;
        value |= (digit & 31) << shift;
        shift += 5;
        if digit & 32 == 0 {
            out.push(if value & 1 == 1 {
                -(value >> 1)
            } else {
                value >> 1
            });
            (value, shift) = (0, 0);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::variable_length;

    #[test]
    fn numbers_of_variable_length() {
        assert_eq!(variable_length("AAgBC").unwrap(), [0, 0, 16, 1]);
        assert_eq!(variable_length("D").unwrap(), [-1]);
    }
}
