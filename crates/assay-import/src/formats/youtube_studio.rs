//! YouTube Studio: figures by date, with subscribers gained and lost.
//!
//! Studio exports a zip of three tables. `Table data.csv` has a row a day when the breakdown is Date; its first row is a
//! total.

use super::counts::Days;
use super::grid::{Figure, Grid, Means, Names, Row, Told, counted_day, day, each, grid};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "youtube-studio",
    sentence: "YouTube Studio figures by date, with subscribers gained and lost.",
    source: "studio.youtube.com, Analytics, Advanced mode, breakdown Date, export as CSV",
    quality: TimeQuality::Day,
    network: Some("youtube"),
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Table data.csv",
            b"Date,Views,Subscribers gained,Subscribers lost\nTotal,300,17,3\n2026-09-01,120,12,1\n2026-09-02,180,5,2\n",
        )],
        n_taken: 2,
    },
};

/// The columns of Studio's tables; which of them stand in one depends on what the user chose to see.
pub(super) const NAMES: Names = &[
    ("date", Means::Day),
    ("datum", Means::Day),
    ("fecha", Means::Day),
    ("data", Means::Day),
    ("tarih", Means::Day),
    ("日付", Means::Day),
    ("subscribersgained", Means::Gained),
    ("gewonneneabonnenten", Means::Gained),
    ("suscriptoresobtenidos", Means::Gained),
    ("suscriptoresganados", Means::Gained),
    ("abonnésgagnés", Means::Gained),
    ("iscrittiacquisiti", Means::Gained),
    ("inscritosrecebidos", Means::Gained),
    ("gewonnenabonnees", Means::Gained),
    ("subscriberslost", Means::Lost),
    ("verloreneabonnenten", Means::Lost),
    ("suscriptoresperdidos", Means::Lost),
    ("abonnésperdus", Means::Lost),
    ("iscrittipersi", Means::Lost),
    ("inscritosperdidos", Means::Lost),
    ("verlorenabonnees", Means::Lost),
    ("content", Means::Post),
    ("video", Means::Post),
    ("inhalte", Means::Post),
    ("inhalt", Means::Post),
    ("contenido", Means::Post),
    ("contenu", Means::Post),
    ("contenuti", Means::Post),
    ("conteúdo", Means::Post),
    ("inhoud", Means::Post),
    ("içerik", Means::Post),
    ("コンテンツ", Means::Post),
    ("videotitle", Means::Text),
    ("videotitel", Means::Text),
    ("títulodelvídeo", Means::Text),
    ("títulodelvideo", Means::Text),
    ("titredelavidéo", Means::Text),
    ("titolodelvideo", Means::Text),
    ("títulodovídeo", Means::Text),
    ("titelvandevideo", Means::Text),
    ("videobaşlığı", Means::Text),
    ("動画のタイトル", Means::Text),
    ("videopublishtime", Means::Published),
    ("zeitpunktdervideoveröffentlichung", Means::Published),
    ("horadepublicacióndelvídeo", Means::Published),
    ("horadepublicacióndelvideo", Means::Published),
    ("heuredepublicationdelavidéo", Means::Published),
    ("dataoradipubblicazionedelvideo", Means::Published),
    ("horáriodepublicaçãodovídeo", Means::Published),
    ("publicatietijdvandevideo", Means::Published),
    ("videoyayınlanmazamanı", Means::Published),
    ("動画公開時刻", Means::Published),
    ("views", Means::Figure(Figure::Views)),
    ("aufrufe", Means::Figure(Figure::Views)),
    ("visualizaciones", Means::Figure(Figure::Views)),
    ("vistas", Means::Figure(Figure::Views)),
    ("vues", Means::Figure(Figure::Views)),
    ("visualizzazioni", Means::Figure(Figure::Views)),
    ("visualizações", Means::Figure(Figure::Views)),
    ("weergaven", Means::Figure(Figure::Views)),
    ("görüntülemesayısı", Means::Figure(Figure::Views)),
    ("görüntüleme", Means::Figure(Figure::Views)),
    ("視聴回数", Means::Figure(Figure::Views)),
    ("impressions", Means::Figure(Figure::Impressions)),
    ("thumbnailimpressions", Means::Figure(Figure::Impressions)),
    ("impressionen", Means::Figure(Figure::Impressions)),
    ("impresiones", Means::Figure(Figure::Impressions)),
    ("impressioni", Means::Figure(Figure::Impressions)),
    ("impressões", Means::Figure(Figure::Impressions)),
    ("vertoningen", Means::Figure(Figure::Impressions)),
    ("gösterimsayısı", Means::Figure(Figure::Impressions)),
    ("インプレッション数", Means::Figure(Figure::Impressions)),
    ("uniqueviewers", Means::Figure(Figure::Reach)),
    ("likes", Means::Figure(Figure::Likes)),
    ("commentsadded", Means::Figure(Figure::Comments)),
    ("comments", Means::Figure(Figure::Comments)),
    ("shares", Means::Figure(Figure::Shares)),
    ("videospublished", Means::Figure(Figure::Posts)),
    // Gained less lost; followers that a video brought.
    ("subscribers", Means::Figure(Figure::Follows)),
    ("abonnenten", Means::Figure(Figure::Follows)),
    ("suscriptores", Means::Figure(Figure::Follows)),
    ("abonnés", Means::Figure(Figure::Follows)),
    ("iscritti", Means::Figure(Figure::Follows)),
    ("inscritos", Means::Figure(Figure::Follows)),
    ("watchtimehours", Means::Mark),
    ("wiedergabezeitstunden", Means::Mark),
    ("tiempodevisualizaciónhoras", Means::Mark),
    ("duréedevisionnageheures", Means::Mark),
    ("tempodivisualizzazioneore", Means::Mark),
    ("tempodeexibiçãohoras", Means::Mark),
    ("weergavetijduren", Means::Mark),
    ("duration", Means::Mark),
    ("averageviewduration", Means::Mark),
    ("impressionsclickthroughrate", Means::Mark),
    ("averagepercentageviewed", Means::Mark),
];

/// The layout of a table, whatever its file is called.
pub(super) fn layout(peek: &Peek<'_>) -> Option<Grid> {
    (peek.extension() == "csv" || peek.is_single()).then(|| grid(peek.head(), NAMES)).flatten()
}

/// Whether a file has one of the names that Studio gives, or columns that it alone has.
pub(super) fn is_studio(peek: &Peek<'_>, grid: &Grid) -> bool {
    matches!(peek.base(), "table data.csv" | "chart data.csv" | "totals.csv")
        || grid.columns.has(Means::Mark)
        || (grid.columns.has(Means::Post) && grid.columns.has(Means::Published))
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(grid) = layout(peek) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let counts = has(Means::Day) && (has(Means::Gained) || has(Means::Lost));
    if counts && !has(Means::Post) && !has(Means::Text) { Claim::List } else { Claim::No }
}

/// Whether a row is the total that stands above the others.
pub(super) fn is_total(row: &Row<'_>) -> bool {
    !row.first().is_empty() && day(row.first()).is_none()
}

/// The members to read: `Totals.csv` beside `Table data.csv` of the same folder says the same again.
pub(super) fn chosen(reading: &Reading<'_>) -> Vec<usize> {
    let place = |m: usize| {
        let member = &reading.bundle.members[m];
        let path = member.path.to_lowercase();
        let (folder, base) = path.rsplit_once('/').unwrap_or(("", &path));
        (member.root, folder.to_owned(), base.trim_end_matches(".gz").to_owned())
    };
    let places: Vec<_> = reading.members.iter().map(|m| place(*m)).collect();
    let has_table = |root: usize, folder: &str| {
        places.iter().any(|(r, f, base)| base == "table data.csv" && (*r, f.as_str()) == (root, folder))
    };
    let kept = |i: &usize| {
        let (root, folder, base) = &places[*i];
        base != "totals.csv" || !has_table(*root, folder)
    };
    (0..places.len()).filter(kept).map(|i| reading.members[i]).collect()
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let (mut days, mut told) = (Days::default(), Told::default());
    for member in chosen(reading) {
        reading.file(member, |stream, desk| {
            each(stream, desk, NAMES, is_total, |desk, line, row| counted_day(&mut days, &mut told, desk, line, row))
        })?;
    }
    days.tell(reading)
}
