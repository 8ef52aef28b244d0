//! What people decide stays with what it is about, whatever becomes of the rows.

use super::{bring, count, made};
use crate::{
    Account, By, ConversationEntry, ConversationId, Dropping, Known, Personal, Status, StoreError, Which, Workspace,
};
use assay_model::{
    Conversation, Engagement, EngagementKind, Fact, Go, Key, Label, Said, Stratum, TimeMs, Turn, silent,
};

const BY: By<'static> = By { who: "Kim", at: TimeMs(5) };

fn comment<'a>(id: Option<&'a str>, handle: &'a str, own: &'a str) -> Fact<'a> {
    Fact::Engagement(Engagement {
        at: Some(TimeMs(1)),
        account_id: id,
        handle: Some(handle),
        engagement_id: Some(own),
        text: Some("Wo?"),
        ..Engagement::new(EngagementKind::Comment)
    })
}

/// One conversation for each account that is met: by its id where there is one.
fn keep(store: &mut Workspace) {
    let mut said: Vec<Said> = Vec::new();
    store
        .said(&mut |s| {
            said.push(*s);
            Go::On
        })
        .expect("words");
    let of = |s: &Said| Conversation {
        page: s.page,
        account: s.account.some().unwrap_or(s.handle),
        is_id: s.account.some().is_some(),
        handle: s.handle,
        thread: Key(7),
        kind: s.kind,
        rows: vec![s.row],
        last_row: s.row,
        n_words: 1,
        n_by_page: 0,
        last_at: s.at,
        answered_at: None,
        awaits: true,
        waiting_since: s.at,
        is_question: s.is_question,
        n_engagements: 1,
    };
    let all: Vec<(ConversationId, Conversation, Vec<Turn>)> = said
        .iter()
        .map(|s| {
            (
                store.conversation_id(&of(s)).expect("an id"),
                of(s),
                vec![Turn { row: s.row, at: s.at, answered_at: None }],
            )
        })
        .collect();
    let known = |_: &Conversation| Known { probability: Some(0.5), n_engagements: 1, ..Known::default() };
    let edition = store.edition().expect("an edition");
    store.keep_conversations(&all, &[], &known).expect("kept");
    assert!(!store.conversations_are_stale().expect("a stamp"));
    assert_eq!(store.edition().expect("an edition"), edition, "a queue is made of facts and is none");
}

fn all(store: &Workspace) -> Vec<ConversationEntry> {
    let mut all = Vec::new();
    store
        .conversations(Which::All, &mut |e| {
            all.push(e);
            Go::On
        })
        .expect("conversations");
    all
}

#[test]
fn a_decision_follows_the_word_that_it_is_about() {
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", vec![comment(None, "ann", "w1"), comment(None, "bob", "w2")])).expect("an import");
    keep(&mut store);
    let ann = all(&store).into_iter().find(|e| e.handle.as_deref() == Some("ann")).expect("ann");
    assert!(ann.is_question && ann.probability == Some(0.5));
    assert!(store.set_status(ann.id, Status::Done, None, BY).expect("written"));
    assert!(store.note(ann.id, "dark roast", BY).expect("written"));
    assert!(!store.set_status(ConversationId(3), Status::Done, None, BY).expect("nothing to write"));
    // A later export tells her id: the conversation is another one, and the decision goes with the word.
    bring(&mut store, &made("b", vec![comment(Some("17"), "ann", "w1")])).expect("an import");
    assert!(store.conversations_are_stale().expect("a stamp"));
    keep(&mut store);
    let found: Vec<ConversationEntry> = all(&store).into_iter().filter(|e| e.state.is_some()).collect();
    assert_eq!((found.len(), found[0].account_id.as_deref()), (1, Some("17")));
    assert_ne!(found[0].id, ann.id);
    assert_eq!(found[0].state.as_ref().and_then(|s| s.status), Some(Status::Done));
    assert_eq!(store.notes_on(found[0].id).expect("notes").len(), 1);
    // Undone, it waits until the word is there again.
    store.undo(1, TimeMs(9), &mut silent).expect("undone");
    store.undo(2, TimeMs(9), &mut silent).expect("undone");
    keep(&mut store);
    assert_eq!((all(&store).len(), count(&store, "SELECT count(*) FROM conversations_kept")), (0, 1));
    bring(&mut store, &made("c", vec![comment(None, "ann", "w1")])).expect("an import");
    keep(&mut store);
    assert_eq!(all(&store)[0].state.as_ref().and_then(|s| s.status), Some(Status::Done));
}

#[test]
fn who_is_forgotten_is_gone_from_what_was_decided_too() {
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", vec![comment(Some("17"), "Ann", "w1"), comment(Some("18"), "bob", "w2")]))
        .expect("an import");
    keep(&mut store);
    for e in all(&store) {
        store.note(e.id, "a note: ask Ann", BY).expect("written");
    }
    let label = |id: &str, is_inauthentic| Label {
        account_id: Some(id.to_owned()),
        handle: None,
        is_inauthentic,
        stratum: Some(Stratum { id: 2, size: 90 }),
    };
    store.label(1, &[label("17", true), label("18", true), label("18", false)], BY).expect("written");
    assert_eq!(store.labels(1).expect("labels"), [label("17", true), label("18", false)]);
    for (id, handle) in [("17", "@Ann"), ("18", "bob")] {
        let account = Account { network: "x", account_id: Some(id), handle: Some(handle) };
        store.overrule(account, true, "sells", BY).expect("written");
        store.overrule(account, false, "bought a shirt", BY).expect("written");
    }
    let told: Vec<_> = store.overruled().expect("read").into_iter().map(|o| (o.handle, o.is_inauthentic)).collect();
    assert_eq!(told, [(Some("ann".to_owned()), false), (Some("bob".to_owned()), false)]);
    // A handle alone withdraws what an id and that handle say.
    let bob = Account { network: "x", account_id: None, handle: Some("Bob") };
    assert_eq!(store.withdraw_overrule(bob, TimeMs(6)), Ok(1));
    store.forget("ann", None, TimeMs(7), &mut silent).expect("forgotten");
    assert_eq!(count(&store, "SELECT count(*) FROM conversation_turn"), 1);
    let tables = ["conversation", "conversation_state", "conversation_note", "overrule", "follower_label"];
    for table in tables {
        let named = "lower(coalesce(handle, '')) LIKE '%ann%' OR account_id = '17'";
        assert_eq!(count(&store, &format!("SELECT count(*) FROM {table} WHERE {named}")), 0, "{table}");
        assert!(count(&store, &format!("SELECT count(*) FROM {table}")) > 0, "{table}");
    }
    assert_eq!(
        count(&store, "SELECT count(*) FROM conversation_note WHERE text = 'a note: ask \u{2026}'"),
        1,
        "of bob"
    );
    assert_eq!(count(&store, "SELECT count(*) FROM conversation_word"), 1);
    assert!(store.conversations_are_stale().expect("a stamp"));
}

#[test]
fn saved_answers_are_kept_by_name() {
    let mut store = Workspace::in_memory().expect("memory");
    let save =
        |store: &mut Workspace, name: &str, text: &str| -> Result<(), StoreError> { store.save_answer(name, text, BY) };
    save(&mut store, "b", "1").expect("written");
    save(&mut store, "a", "2").expect("written");
    save(&mut store, "b", "3").expect("written");
    let told: Vec<(String, String)> =
        store.saved_answers().expect("read").into_iter().map(|s| (s.name, s.text)).collect();
    assert_eq!(told, [("a".into(), "2".into()), ("b".into(), "3".into())]);
    assert_eq!((store.remove_answer("b"), store.remove_answer("b")), (Ok(true), Ok(false)));
}

#[test]
fn what_was_decided_goes_when_it_is_older_than_it_is_kept() {
    const DAY: i64 = 86_400_000;
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", vec![comment(Some("17"), "ann", "w1"), comment(Some("18"), "bob", "w2")]))
        .expect("an import");
    keep(&mut store);
    let label = |id: &str| Label { account_id: Some(id.to_owned()), handle: None, is_inauthentic: true, stratum: None };
    // Of ann on day 10, of bob on day 20.
    for (id, day) in [("17", 10), ("18", 20)] {
        let by = By { who: "Kim", at: TimeMs(day * DAY) };
        let of = all(&store).into_iter().find(|e| e.account_id.as_deref() == Some(id)).expect("one").id;
        assert!(store.set_status(of, Status::Done, None, by).expect("written"));
        assert!(store.note(of, "asked", by).expect("written"));
        store
            .overrule(Account { network: "x", account_id: Some(id), handle: None }, true, "sells", by)
            .expect("written");
        store.label(1, &[label(id)], by).expect("written");
    }
    let retained = |store: &mut Workspace, now: i64| -> Vec<(&str, u64)> {
        let dropped = store.retain(TimeMs(now * DAY), Dropping::Now, &mut silent).expect("retention");
        dropped.into_iter().map(|d| (d.what.name(), d.n_rows)).collect()
    };
    assert_eq!(retained(&mut store, 1_000), [], "what has no setting is kept");
    let kinds = [Personal::Notes, Personal::States, Personal::Overrules, Personal::Labels];
    for what in kinds {
        store.set(&what.setting(), Some("30d")).expect("a setting");
    }
    assert_eq!(retained(&mut store, 40), kinds.map(|what| (what.name(), 0)), "on the thirtieth day it is kept");
    assert_eq!(retained(&mut store, 41), kinds.map(|what| (what.name(), 1)));
    let bob = |told: Vec<Option<String>>| assert_eq!(told, [Some("18".to_owned())]);
    bob(all(&store).into_iter().filter(|e| e.state.is_some()).map(|e| e.account_id).collect());
    bob(store.overruled().expect("read").into_iter().map(|o| o.account_id).collect());
    bob(store.labels(1).expect("labels").into_iter().map(|l| l.account_id).collect());
    assert_eq!(count(&store, "SELECT count(*) FROM conversation_note WHERE account_id = '18'"), 1);
    assert_eq!(count(&store, "SELECT count(*) FROM conversation_note"), 1);
}
