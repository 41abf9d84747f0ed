use super::*;

/// 2026-12-01, 12:00 UTC.
const NOW: i64 = 1_796_126_400_000;
const SECOND: i64 = 1000;
const HOUR: i64 = 3600 * SECOND;
/// What a game may send: an old ObjectId, and a class of heroes that is seven digits of base
/// 64.
const OBJECT_ID: &str = "65f0a1b2c3d4e5f6a7b8c9d0";
const WORD: &str = "Warrior";

type Make = fn(i64) -> String;
const FORMS: [(&str, Make); 3] = [("in memory", in_memory), ("Redis", redis), ("MongoDB", mongo_db)];

fn in_memory(made: i64) -> String {
    const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    (0..7).rev().map(|digit| char::from(DIGITS[(made >> (6 * digit)) as usize % 64])).collect()
}

fn redis(made: i64) -> String {
    format!("{made}-0")
}

/// The counter goes up with the milliseconds, so that no two are alike.
fn mongo_db(made: i64) -> String {
    format!("{:08x}a7b8c9d0e1{:06x}", made / 1000, made & 0xff_ffff)
}

/// What is left of an event that ends in a text.
fn take(offsets: &mut Offsets, before: &[&str], text: &str, now: i64) -> Vec<String> {
    let json = serde_json::to_string(&[before, &[text]].concat()).unwrap();
    let mut values = Values::from_json_array(&json, Vec::new()).unwrap();
    let would_take = offsets.would_take(text, !before.is_empty(), now);
    offsets.take(&mut values, now);
    assert_eq!(would_take, values.len() == before.len(), "what the inspector is told of {text}");
    values.strings().map(str::to_owned).collect()
}

/// Whether a text at the end of an event is hidden.
fn hides(offsets: &mut Offsets, text: &str, now: i64) -> bool {
    take(offsets, &["the game's"], text, now).len() == 1
}

/// Which offsets of a server are hidden that come at these times, if its clock is so far ahead.
fn hidden(offsets: &mut Offsets, make: Make, times: &[i64], ahead: i64) -> Vec<bool> {
    times.iter().map(|time| hides(offsets, &make(NOW + time + ahead), NOW + time)).collect()
}

#[test]
fn s16_the_offsets_of_the_in_memory_adapter_are_hidden_from_the_first_one_on() {
    let mut offsets = Offsets::default();
    assert_eq!(hidden(&mut offsets, in_memory, &[0, 20, HOUR], 0), [true; 3]);
    for (counter, text) in ["", ".0", ".1", ".2", ".10"].iter().enumerate() {
        let text = in_memory(NOW + 2 * HOUR) + text;
        assert!(hides(&mut offsets, &text, NOW + 2 * HOUR), "{counter}");
        assert_eq!(offsets.to_send(), Some(&*text));
    }
    for ahead in [-290 * SECOND, 290 * SECOND] {
        assert_eq!(hidden(&mut Offsets::default(), in_memory, &[0, 20], ahead), [true; 2], "{ahead}");
    }
}

#[test]
fn s16_the_offsets_of_the_adapters_of_clusters_are_hidden_when_some_agree() {
    let first = [(redis as Make, [false, true, true, true]), (mongo_db, [false, false, true, true])];
    for (make, expected) in first {
        let mut offsets = Offsets::default();
        assert_eq!(hidden(&mut offsets, make, &[0, 1, 2, HOUR], 100 * SECOND), expected);
        // A little out of order.
        let times = [HOUR + 2000, HOUR + 1000, HOUR + 3000];
        assert_eq!(hidden(&mut offsets, make, &times, 100 * SECOND), [true; 3]);
    }
}

#[test]
fn s16_a_clock_that_is_another_must_be_seen_to_run() {
    for (form, make) in FORMS {
        for ahead in [-5 * HOUR, 5 * HOUR, -NOW / 2] {
            let mut offsets = Offsets::default();
            let times = [0, 10, 20, 9_000, 10_000, 10_001, 20_000];
            let expected = [false, false, false, false, true, true, true];
            assert_eq!(hidden(&mut offsets, make, &times, ahead), expected, "{form}, {ahead} ms ahead");
        }
    }
}

#[test]
fn s16_numbered_names_are_not_a_clock() {
    let mut offsets = Offsets::default();
    for (number, time) in (0..60).map(|number| (number, NOW + i64::from(number) * SECOND)) {
        assert!(!hides(&mut offsets, &format!("unit{:03}", number % 20 + 100), time));
        assert!(!hides(&mut offsets, &format!("{}-{number}", 1234), time));
    }
}

#[test]
fn s16_what_a_game_sends_stays_wherever_it_comes() {
    for (form, make) in FORMS {
        for own in
            [OBJECT_ID, WORD, "1700000000000-0", "QAbx5hL", "", "left", "1", "a longer text", "caf\u{e9}s-2"]
        {
            let mut offsets = Offsets::default();
            let mut time = NOW;
            let mut was_hidden = false;
            for turn in 0..20 {
                time += 100;
                assert!(!hides(&mut offsets, own, time), "{own} before offset {turn} of {form}");
                time += 100;
                let is_hidden = hides(&mut offsets, &make(time), time);
                assert!(is_hidden || !was_hidden, "offset {turn} of {form} after {own}");
                was_hidden = is_hidden;
                assert_eq!(take(&mut offsets, &[own], own, time), [own, own], "{form}");
                assert_eq!(offsets.to_send(), Some(&*make(time)), "{form}, after {own}");
            }
            assert!(was_hidden, "the offsets of {form} after {own}");
        }
    }
}

#[test]
fn s16_ids_that_are_as_new_stay_once_the_offsets_are_known() {
    let mut offsets = Offsets::default();
    for turn in 0..50 {
        let time = NOW + turn * 100;
        assert!(hides(&mut offsets, &in_memory(time), time));
        assert!(!hides(&mut offsets, &mongo_db(time), time));
        assert!(!hides(&mut offsets, &redis(time), time));
        assert_eq!(offsets.to_send(), Some(&*in_memory(time)));
    }
}

#[test]
fn s16_an_id_that_was_taken_for_an_offset_is_known_at_the_next_one() {
    // Three ids that the game has just made, and then the first offset.
    let mut offsets = Offsets::default();
    assert_eq!(hidden(&mut offsets, mongo_db, &[0, 100, 200], 0), [false, false, true]);
    assert!(hides(&mut offsets, &in_memory(NOW + 300), NOW + 300));
    assert_eq!(hidden(&mut offsets, mongo_db, &[400, 500, 600], 0), [false; 3]);

    // At a server without recovery, where the game names one of them again.
    for again in [&[] as &[&str], &["hit"]] {
        let mut offsets = Offsets::default();
        assert_eq!(hidden(&mut offsets, mongo_db, &[0, 100, 200], 0), [false, false, true]);
        let known = mongo_db(NOW + 100);
        match again {
            [] => assert!(!hides(&mut offsets, &known, NOW + 300)),
            before => {
                assert_eq!(take(&mut offsets, &[before, &[&*known]].concat(), "x", NOW + 300).len(), 3);
            }
        }
        assert_eq!(hidden(&mut offsets, mongo_db, &[400, 500, 600, 700], 0), [false; 4]);
    }
}

#[test]
fn s16_events_of_nothing_but_an_id_that_was_just_made_stay() {
    for (form, make) in FORMS {
        let mut offsets = Offsets::default();
        for turn in 0..20 {
            let (id, time) = (make(NOW + turn * 100), NOW + turn * 100);
            assert_eq!(take(&mut offsets, &[], &id, time), [id], "{form}, id {turn}");
        }
    }
}

#[test]
fn s16_after_a_mistake_the_offsets_are_hidden_again() {
    for (form, make) in FORMS {
        let mut offsets = Offsets::default();
        assert!(hidden(&mut offsets, make, &[0, 1, 2], 0)[2], "{form}");
        // An id that the game has just made and sends twice.
        let id = make(NOW + 50);
        assert_eq!(take(&mut offsets, &[], &id, NOW + 50).len(), 0, "{form}");
        assert!(!hides(&mut offsets, &id, NOW + 60), "{form}");
        let after: Vec<i64> = (100..110).collect();
        assert!(hidden(&mut offsets, make, &after, 0)[6..].iter().all(|hidden| *hidden), "{form}");
    }
}

#[test]
fn s16_an_id_that_was_named_before_is_no_offset() {
    let mut offsets = Offsets::default();
    assert_eq!(hidden(&mut offsets, mongo_db, &[0, 100, 200], 0), [false, false, true]);
    let (id, time) = (mongo_db(NOW + 250), NOW + 300);
    assert_eq!(take(&mut offsets, &["spawned", &id], &mongo_db(time), time).len(), 2);
    assert!(!hides(&mut offsets, &id, time + 50));
    assert!(hides(&mut offsets, &mongo_db(time + 100), time + 100));
}

#[test]
fn s16_what_the_session_was_restored_with_is_an_offset() {
    for (form, make) in FORMS {
        let mut offsets = Offsets::default();
        let ahead = -3 * HOUR;
        assert_eq!(hidden(&mut offsets, make, &[0, 10], ahead), [false; 2], "{form}");
        assert_eq!(offsets.to_send(), Some(&*make(NOW + 10 + ahead)));
        offsets.restored();
        // What was missed comes at once.
        let missed: Vec<bool> = (1..100)
            .map(|minute| hides(&mut offsets, &make(NOW + ahead + 60 * minute * SECOND), NOW + 2 * HOUR))
            .collect();
        assert_eq!(missed, [true; 99], "{form}");
        // Redis streams may bring one again.
        offsets.restored();
        assert_eq!(
            hides(&mut offsets, &make(NOW + ahead + 99 * 60 * SECOND), NOW + 2 * HOUR),
            form != "in memory"
        );
    }
}

#[test]
fn s16_the_next_session_of_the_server_needs_no_proof() {
    for (form, make) in FORMS {
        let mut offsets = Offsets::default();
        hidden(&mut offsets, make, &[0, 1, 2], 0);
        offsets.begin_session();
        assert_eq!(offsets.to_send(), None);
        assert_eq!(hidden(&mut offsets, make, &[HOUR], 0), [true], "{form}");
        assert_eq!(offsets.to_send(), Some(&*make(NOW + HOUR)));
    }
}

#[test]
fn s16_a_clock_that_was_set_is_learned_again() {
    for (form, make) in FORMS {
        for ahead in [-2 * HOUR, 2 * HOUR] {
            let mut offsets = Offsets::default();
            assert!(hidden(&mut offsets, make, &[0, 1, 2], 0)[2], "{form}");
            let times = [100, 101, 102, 11_000, 12_000];
            assert_eq!(hidden(&mut offsets, make, &times, ahead)[3..], [true; 2], "{form}, {ahead} ms ahead");
        }
    }
}

#[test]
fn s16_any_last_text_is_sent_until_an_offset_is_known() {
    let mut offsets = Offsets::default();
    assert_eq!(offsets.to_send(), None);
    for text in ["offset 1", "offset 2", OBJECT_ID, WORD, "offset 3"] {
        assert!(!hides(&mut offsets, text, NOW));
        assert_eq!(offsets.to_send(), Some(text));
    }
    let mut values = Values::from_json_array(r#"["a",["b"],{"c":"d"}]"#, Vec::new()).unwrap();
    offsets.take(&mut values, NOW);
    assert_eq!((values.len(), offsets.to_send()), (3, Some("offset 3")));
}

#[test]
fn s16_without_a_clock_of_this_device_nothing_breaks() {
    let mut offsets = Offsets::default();
    for text in [
        "_______",
        "zzzzzzz.zzzzzzzzzz",
        "-",
        "1-",
        "-1",
        "9223372036854775807-18446744073709551615",
        "9223372036854775808-0",
        "ffffffffffffffffffffffff",
        "000000000000000000000000",
        "0000000",
    ] {
        assert!(!hides(&mut offsets, text, i64::MIN), "{text}");
        assert!(!hides(&mut offsets, text, i64::MAX), "{text}");
    }
}
