//! What a client is given of each area: complete in itself, with its cover, and without anybody's name.

use super::{Running, followers};
use crate::server::pages::AREAS;
use crate::server::pages::client::NAME as CLIENT_SHEET;
use axum::http::StatusCode;

#[test]
fn every_area_has_a_sheet_for_a_client_that_names_nobody() {
    let on = Running::open("client");
    let engagements = b"account_id,handle,kind,at,post_id,text\n1000,user0,comment,2021-03-01T10:00:00Z,p1,Is it open?\n1650,user650,comment,2021-03-01T11:00:00Z,p1,nice\n";
    let orders =
        b"order_id,customer_id,ordered_at,total,currency\n1,c1,2021-03-02T10:00:00Z,12.50,EUR\n2,c2,2021-03-05,8,EUR\n";
    let files: [(&str, &[u8]); 3] =
        [("followers.csv", &followers()), ("engagements.csv", engagements), ("orders.csv", orders)];
    let state = on.ended(&on.upload("/api/v1/workspaces/ours/imports", &files));
    assert_eq!(state["state"], "done", "{state}");
    assert_eq!(on.form("/w/ours/settings/prepared", "by=Northlight").status, StatusCode::SEE_OTHER);
    let form = "kind=user-split&name=spring&arm=group&control=none&metric=ordered%3Abinary";
    assert_eq!(on.form("/w/ours/experiments/seal", form).status, StatusCode::SEE_OTHER);
    let mut given = Vec::new();
    for area in AREAS.iter().filter(|a| a.files.iter().any(|f| f.id == CLIENT_SHEET)) {
        let page = on.settled(&format!("/w/ours/{}", area.id)).text;
        let id = if area.id.is_empty() { "home" } else { area.id };
        let address = format!("/w/ours/{id}/file/{CLIENT_SHEET}");
        assert!(page.contains(&format!("href=\"{address}?")), "{id} does not lead to its sheet");
        let sheet = on.get(&format!("{address}?buy=500&name="));
        assert_eq!(sheet.status, StatusCode::OK, "{id}: {}", sheet.text);
        // The audience's sheet has charts, whose script stands at its end.
        let text = sheet.text.split("<script").next().unwrap_or("");
        assert_eq!(text.matches("<h1").count(), 1 + usize::from(id == "reach"), "{id}: {text}");
        assert!(text.contains("Prepared by") && text.contains("Northlight") && text.contains("Method"), "{id}: {text}");
        for never in ["user650", "user0", "<form", "href=\"/", "src=\"/", "NaN"] {
            assert!(!text.contains(never), "{id} has {never}: {text}");
        }
        given.push(id);
    }
    assert_eq!(given, ["home", "audience", "batches", "metrics", "reach", "experiments", "people", "imports"]);
    let one = on.get(&format!("/w/ours/experiments/file/{CLIENT_SHEET}?name=spring"));
    assert!(one.text.contains("spring") && one.text.contains("split"), "{}", one.text);
    assert_eq!(on.get(&format!("/w/ours/settings/file/{CLIENT_SHEET}")).status, StatusCode::NOT_FOUND);
}
