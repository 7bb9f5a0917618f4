use super::*;

fn release(at: usize) -> Release {
    Release {
        version: format!("1.0.{at}"),
        published: Some(format!("2026-01-{:02}T00:00:00Z", at % 28 + 1)),
        prerelease: false,
        withdrawn: None,
    }
}

fn with(found: bool) -> Known {
    let found = found.then(|| "covert.channel".to_owned());
    Known::Read(Read {
        found: found.into_iter().collect(),
        ..Read::default()
    })
}

/// Looks at this many releases, of which some have it and some are gaps.
fn search(
    count: usize,
    samples: usize,
    has: impl Fn(usize) -> bool,
    gap: impl Fn(usize) -> bool,
) -> BTreeMap<usize, Known> {
    let mut asked = BTreeSet::new();
    bisect(count, samples, |at| {
        assert!(asked.insert(at), "{at} is read twice");
        Ok::<_, ()>(if gap(at) {
            Known::Gap("gone".to_owned())
        } else {
            with(has(at))
        })
    })
    .unwrap()
}

fn presence(count: usize, known: &BTreeMap<usize, Known>) -> Presence {
    let releases: Vec<Release> = (0..count).map(release).collect();
    let asked = [Asked::Behaviour("covert.channel".to_owned())];
    presences(&releases, known, &asked).remove(0)
}

fn version(at: usize) -> Option<String> {
    Some(format!("1.0.{at}"))
}

#[test]
fn borders_are_found_with_few_reads() {
    for (from, to) in [(11, 113), (1, 128), (60, 70), (0, 64), (50, 129), (0, 129)] {
        let known = search(130, 3, |at| (from..=to).contains(&at), |_| false);
        let found = presence(130, &known);
        assert_eq!(found.first, version(from), "{from} to {to}");
        assert_eq!(found.last, version(to), "{from} to {to}");
        let before = from.checked_sub(1).and_then(version);
        assert_eq!(found.not_in_before, before);
        let after = (to < 129).then(|| version(to + 1)).flatten();
        assert_eq!(found.not_in_after, after);
        assert!(known.len() <= 22, "{from} to {to}: {} read", known.len());
        assert_eq!(found.gaps, Vec::<String>::new());
    }
}

#[test]
fn what_comes_twice_is_found_where_a_sample_meets_it() {
    let has = |at: usize| (10..40).contains(&at) || (70..100).contains(&at);
    let found = presence(130, &search(130, 6, has, |_| false));
    assert_eq!(found.first, version(10));
    assert_eq!(found.last, version(99));
    let absent = |at: &String| found.absent.contains(at);
    assert!(absent(&version(40).unwrap()) && absent(&version(69).unwrap()));
}

#[test]
fn nothing_is_read_where_nothing_differs_but_a_few() {
    let known = search(1000, 3, |_| false, |_| false);
    assert_eq!(known.len(), ALIKE);
    assert_eq!(presence(1000, &known).first, None);
    assert_eq!(search(1, 3, |_| true, |_| false).len(), 1);
    assert_eq!(search(2, 3, |_| true, |_| false).len(), 2);
    assert!(
        search(5, 3, |_| true, |_| true)
            .values()
            .all(|k| k.found().is_none())
    );
    assert!(search(0, 3, |_| true, |_| false).is_empty());
}

#[test]
fn gaps_are_named_and_not_bridged() {
    // The border lies in what cannot be read.
    let known = search(40, 0, |at| at >= 20, |at| (18..23).contains(&at));
    let found = presence(40, &known);
    assert_eq!(found.first, version(23));
    assert_eq!(found.not_in_before, version(17));
    let gone: Vec<String> = (18..23).filter_map(version).collect();
    assert!(!found.gaps.is_empty() && found.gaps.iter().all(|gap| gone.contains(gap)));
    // The outermost cannot be read.
    let known = search(40, 0, |at| at >= 20, |at| !(5..36).contains(&at));
    let found = presence(40, &known);
    assert_eq!(
        (found.first, found.not_in_before),
        (version(20), version(19))
    );
    assert_eq!(found.last, version(35));
    assert_eq!(found.gaps.len(), 4);
    // All in the middle is gone.
    let known = search(40, 3, |at| at == 39, |at| (1..39).contains(&at));
    let found = presence(40, &known);
    assert_eq!(found.first, version(39));
    assert_eq!(found.not_in_before, version(0));
    assert_eq!(found.gaps.len(), 38);
}

#[test]
fn withdrawn_releases_are_gaps_though_nobody_tried_them() {
    let mut releases: Vec<Release> = (0..10).map(release).collect();
    releases[4].withdrawn = Some("yanked".to_owned());
    let known = BTreeMap::from([
        (0, with(false)),
        (3, with(false)),
        (5, with(true)),
        (9, with(true)),
    ]);
    let asked = [Asked::Finding("covert.channel-0123".to_owned())];
    let all = presences(&releases, &known, &[]);
    assert_eq!(all[0].gaps, ["1.0.4"]);
    assert_eq!(presences(&releases, &known, &asked)[0].first, None);
    let states: Vec<ReleaseState> = records(&releases, &known).iter().map(|r| r.state).collect();
    assert_eq!(states[4], ReleaseState::Gap);
    assert_eq!(states[6], ReleaseState::Between);
}

#[test]
fn dates_out_of_order_are_counted() {
    let mut releases: Vec<Release> = (0..5).map(release).collect();
    assert_eq!(out_of_order(&releases), 0);
    releases[3].published = Some("2025-12-01T00:00:00Z".to_owned());
    assert_eq!(out_of_order(&releases), 1);
}
