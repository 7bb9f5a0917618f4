use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime, Time, Weekday};

use super::Kind;

/// The time at which the run begins, `2027-01-02T12:00:00Z`; the real one if
/// it is empty. The clock goes on from there.
///
/// The levels are a weekend, a night, and a day years ahead.
pub(super) const KIND: Kind = Kind {
    name: "clock",
    about: "the date and time at which the run begins",
    levels: &[
        "2027-01-02T12:00:00Z",
        "2027-01-06T03:30:00Z",
        "2031-03-05T13:00:00Z",
    ],
    alone: false,
    server: false,
    sources: &[],
    plain: |setting, _| setting.host.clock.clone(),
    set: |setting, _, value| value.clone_into(&mut setting.host.clock),
    value: |text| {
        let text = text.trim();
        // The seconds and the zone may be left out.
        let whole = match text.len() {
            10 => format!("{text}T12:00:00Z"),
            16 => format!("{text}:00Z"),
            19 => format!("{text}Z"),
            _ => text.to_owned(),
        };
        let time = OffsetDateTime::parse(&whole, &Rfc3339).ok()?;
        time.format(&Rfc3339).ok()
    },
    // A working hour of a working day of the same week.
    control: |value| {
        let time = OffsetDateTime::parse(value, &Rfc3339).ok()?;
        let back = i64::from(time.weekday().number_days_from_monday());
        let tuesday = Time::from_hms(14, 20, 0).ok()?;
        let control = time
            .saturating_sub(Duration::days(back - 1))
            .replace_time(tuesday);
        let other = if time.weekday() == Weekday::Tuesday {
            control.saturating_add(Duration::days(2))
        } else {
            control
        };
        other.format(&Rfc3339).ok()
    },
};
