//! The names of columns of advertising reports, a list for each column, platform by platform.
//!
//! A list begins with the English name; the German, French, Spanish, Italian, Portuguese, Dutch, Turkish and Japanese ones follow in
//! this order, with variants that platforms have used. Names that a platform has changed since are reported as unknown, with
//! what to write behind `--map`. A currency in brackets behind a name is no part of it.
//!
//! Meta publishes no table of its names by language. Those of spend, clicks, impressions, reach, campaigns and of the first and last
//! day were looked up in public programs that read such exports (full-text search of public repositories, end of 2026; each name below
//! that stands there in at least two of them by different authors): amounts in German, French, Spanish, Italian, Portuguese
//! (`Valor usado`), Dutch, Turkish and Japanese; days in Portuguese, Dutch (`Start rapportage`), Turkish and Japanese. The first and
//! last day in German, French, Spanish and Italian, and the other columns outside English, were written from memory: a report in
//! which they are other ones is told column by column, with what to write behind `--map`.
//!
//! Over 600 lines because the names of a column are best seen beside those of its other languages, one a line.

use super::AdField as F;
use crate::columns::{ColumnNames, find, names as column};
use crate::export::{Names, named};

/// The columns of a table of advertising whose author is not known; also what `--map` may name for any report.
pub static AD_COLUMNS: &[ColumnNames] = &[
    column("day", "the day", &["date", "datum", "fecha", "data", "jour", "tag"]),
    column(
        "from",
        "the first day, of a row that spans several",
        &["start", "start_date", "reporting_starts", "from_date"],
    ),
    column("to", "the last day", &["end", "end_date", "reporting_ends", "to_date"]),
    column("platform", "where it was advertised", &["ad_platform", "network", "publisher_platform"]),
    column("campaign_id", "the campaign's id", &["xyz_campaign_id"]),
    column("campaign", "the campaign's name", &["campaign_name"]),
    column("ad_set_id", "the ad set's id", &["adset_id", "ad_group_id", "adgroup_id", "fb_campaign_id"]),
    column(
        "ad_set",
        "the ad set's name",
        &["adset", "adset_name", "ad_set_name", "ad_group", "ad_group_name", "adgroup_name"],
    ),
    column("ad_id", "the advertisement's id", &["creative_id"]),
    column("ad", "the advertisement's name", &["ad_name", "creative", "creative_name"]),
    column("age", "ages of those it was shown to", &["age_range", "age_group"]),
    column("gender", "gender of those it was shown to", &["sex"]),
    column("interest", "the topic that it was aimed at", &["interests", "targeting"]),
    column("region", "the place that it was aimed at", &["country", "geo", "market", "city"]),
    column("spend", "what it cost", &["spent", "cost", "amount_spent", "total_spent", "ad_spend", "costs"]),
    column("currency", "ISO 4217 code of what it cost", &["currency_code", "account_currency"]),
    column("impressions", "times that it was shown", &["impr", "views_paid"]),
    column("reach", "accounts that it was shown to", &["unique_reach"]),
    column(
        "clicks",
        "clicks, those on links where there are several",
        &["link_clicks", "website_clicks", "clicks_link"],
    ),
    column("clicks_all", "clicks of every kind", &["all_clicks", "total_clicks"]),
    column("engagements", "what people did with it", &["total_engagements", "post_engagements", "paid_engagements"]),
    column("follows", "follows that the platform counts for it", &["paid_follows", "new_follows"]),
    column(
        "conversions",
        "conversions that the platform claims",
        &["total_conversion", "total_conversions", "conversion"],
    ),
    column("purchases", "purchases that the platform claims", &["purchase", "approved_conversion", "sales"]),
    column(
        "conversion_value",
        "what those purchases are worth, as the platform claims",
        &["purchase_value", "purchases_conversion_value", "conv_value", "revenue"],
    ),
    column(
        "attribution",
        "the window in which the platform claims conversions",
        &["attribution_setting", "attribution_window"],
    ),
];

/// [`AD_COLUMNS`] as fields.
const FIELDS: [F; 26] = [
    F::Day,
    F::From,
    F::To,
    F::Platform,
    F::CampaignId,
    F::Campaign,
    F::AdSetId,
    F::AdSet,
    F::AdId,
    F::Ad,
    F::Age,
    F::Gender,
    F::Interest,
    F::Region,
    F::Spend,
    F::Currency,
    F::Impressions,
    F::Reach,
    F::Clicks,
    F::ClicksAll,
    F::Engagements,
    F::Follows,
    F::Conversions,
    F::Purchases,
    F::Value,
    F::Attribution,
];

/// The column of a table of advertising that a header is.
pub(super) fn of_table(header: &str) -> Option<F> {
    find(AD_COLUMNS, crate::export::split_currency(header).0).map(|i| FIELDS[i])
}

/// The column of a platform's report that a header is: by the platform's names, else by what the user may say with `--map`.
pub(super) fn of_platform(names: Names<F>, header: &str) -> Option<F> {
    named(names, header).or_else(|| AD_COLUMNS.iter().position(|c| c.name == header).map(|i| FIELDS[i]))
}

/// Meta Ads Manager.
pub(super) const META: Names<F> = &[
    (F::Day, &["Day", "Tag", "Jour", "Día", "Giorno", "Dia", "Dag", "Gün", "日", "日付"]),
    (
        F::From,
        &[
            "Reporting starts",
            "Auswertungsbeginn",
            "Berichtsstart",
            "Beginn des Berichts",
            "Début des rapports",
            "Début du rapport",
            "Inicio del informe",
            "Inicio de los informes",
            "Inizio del report",
            "Inizio report",
            "Inizio rapporto",
            "Início dos relatórios",
            "Início do relatório",
            "Begin rapportage",
            "Rapportage begint",
            "Start rapportage",
            "Rapor başlangıcı",
            "Raporlama başlangıcı",
            "レポート開始日",
        ],
    ),
    (
        F::To,
        &[
            "Reporting ends",
            "Auswertungsende",
            "Berichtsende",
            "Ende des Berichts",
            "Fin des rapports",
            "Fin du rapport",
            "Fin del informe",
            "Fin de los informes",
            "Fine del report",
            "Fine report",
            "Fine rapporto",
            "Término dos relatórios",
            "Encerramento dos relatórios",
            "Fim dos relatórios",
            "Einde rapportage",
            "Rapportage eindigt",
            "Rapor bitişi",
            "Rapor sonu",
            "Raporlama bitişi",
            "レポート終了日",
        ],
    ),
    (
        F::Campaign,
        &[
            "Campaign name",
            "Kampagnenname",
            "Name der Kampagne",
            "Nom de la campagne",
            "Nombre de la campaña",
            "Nome della campagna",
            "Nome campagna",
            "Nome da campanha",
            "Campagnenaam",
            "Naam van campagne",
            "Naam campagne",
            "Kampanya adı",
            "Kampanya ismi",
            "キャンペーン名",
            "キャンペーンの名前",
        ],
    ),
    (
        F::CampaignId,
        &[
            "Campaign ID",
            "Kampagnen-ID",
            "ID de campagne",
            "ID de la campagne",
            "Identifiant de la campagne",
            "Identificador de la campaña",
            "ID de la campaña",
            "ID campagna",
            "ID della campagna",
            "ID da campanha",
            "Identificação da campanha",
            "Campagne-ID",
            "Kampanya kimliği",
            "Kampanya ID",
            "キャンペーンID",
        ],
    ),
    (
        F::AdSet,
        &[
            "Ad set name",
            "Anzeigengruppenname",
            "Name der Anzeigengruppe",
            "Nom de l’ensemble de publicités",
            "Nombre del conjunto de anuncios",
            "Nome del gruppo di inserzioni",
            "Nome gruppo di inserzioni",
            "Nome do conjunto de anúncios",
            "Naam van advertentieset",
            "Naam advertentieset",
            "Advertentiesetnaam",
            "Reklam seti adı",
            "広告セット名",
            "広告セットの名前",
        ],
    ),
    (
        F::AdSetId,
        &[
            "Ad set ID",
            "Anzeigengruppen-ID",
            "ID de l’ensemble de publicités",
            "Identificador del conjunto de anuncios",
            "ID del conjunto de anuncios",
            "ID gruppo di inserzioni",
            "ID del gruppo di inserzioni",
            "ID do conjunto de anúncios",
            "Advertentieset-ID",
            "Reklam seti kimliği",
            "広告セットID",
        ],
    ),
    (
        F::Ad,
        &[
            "Ad name",
            "Anzeigenname",
            "Name der Werbeanzeige",
            "Nom de la publicité",
            "Nombre del anuncio",
            "Nome dell'inserzione",
            "Nome inserzione",
            "Nome do anúncio",
            "Naam van advertentie",
            "Naam advertentie",
            "Advertentienaam",
            "Reklam adı",
            "広告名",
            "広告の名前",
        ],
    ),
    (
        F::AdId,
        &[
            "Ad ID",
            "Anzeigen-ID",
            "ID de la publicité",
            "ID de publicité",
            "Identificador del anuncio",
            "ID del anuncio",
            "ID inserzione",
            "ID dell'inserzione",
            "ID do anúncio",
            "Advertentie-ID",
            "Reklam kimliği",
            "広告ID",
        ],
    ),
    (
        F::Attribution,
        &[
            "Attribution setting",
            "Attributionseinstellung",
            "Attribution-Einstellung",
            "Paramètre d’attribution",
            "Configuración de atribución",
            "Ajuste de atribución",
            "Impostazione di attribuzione",
            "Impostazioni di attribuzione",
            "Configuração de atribuição",
            "Definição de atribuição",
            "Toewijzingsinstelling",
            "Toeschrijvingsinstelling",
            "İlişkilendirme ayarı",
            "アトリビューション設定",
        ],
    ),
    (F::Results, &["Results", "Ergebnisse", "Résultats", "Resultados", "Risultati", "Resultaten", "Sonuçlar", "結果"]),
    (
        F::ResultIndicator,
        &[
            "Result indicator",
            "Result type",
            "Ergebnisindikator",
            "Ergebnis-Indikator",
            "Indicateur de résultats",
            "Indicateur de résultat",
            "Indicador de resultado",
            "Indicador de resultados",
            "Indicatore dei risultati",
            "Indicatore di risultato",
            "Resultaatindicator",
            "Resultatenindicator",
            "Sonuç göstergesi",
            "結果インジケーター",
            "結果の指標",
        ],
    ),
    (F::Reach, &["Reach", "Reichweite", "Couverture", "Alcance", "Copertura", "Bereik", "Erişim", "リーチ"]),
    (
        F::Impressions,
        &[
            "Impressions",
            "Impressionen",
            "Impresiones",
            "Impression",
            "Impressioni",
            "Impressões",
            "Weergaven",
            "Vertoningen",
            "Gösterimler",
            "Gösterim",
            "Gösterim sayısı",
            "インプレッション",
            "インプレッション数",
        ],
    ),
    (
        F::Spend,
        &[
            "Amount spent",
            "Ausgegebener Betrag",
            "Montant dépensé",
            "Importe gastado",
            "Importo speso",
            "Valor usado",
            "Valor gasto",
            "Montante gasto",
            "Besteed bedrag",
            "Uitgegeven bedrag",
            "Harcanan tutar",
            "消化金額",
        ],
    ),
    (F::Currency, &["Currency", "Währung", "Devise", "Divisa", "Moneda", "Valuta", "Moeda", "Para birimi", "通貨"]),
    (
        F::Clicks,
        &[
            "Link clicks",
            "Link-Klicks",
            "Linkklicks",
            "Clics sur un lien",
            "Clics sur le lien",
            "Clics sur lien",
            "Clics en el enlace",
            "Clic sul link",
            "Cliques no link",
            "Cliques na ligação",
            "Linkklikken",
            "Linkkliks",
            "Klikken op links",
            "Bağlantı tıklamaları",
            "リンクのクリック",
            "リンクのクリック数",
            "リンククリック",
        ],
    ),
    (
        F::ClicksAll,
        &[
            "Clicks (all)",
            "Klicks (alle)",
            "Clics (tous)",
            "Clics (todos)",
            "Clic (tutti)",
            "Cliques (todos)",
            "Cliques (tudo)",
            "Klikken (alle)",
            "Klikken (alles)",
            "Tıklamalar (tümü)",
            "クリック(すべて)",
            "クリック（すべて）",
        ],
    ),
    (
        F::Engagements,
        &["Post engagements", "Post engagement", "Beitragsinteraktionen", "Interactions avec la publication"],
    ),
    (
        F::Follows,
        &[
            "Follows or likes",
            "Instagram follows",
            "Follower di Instagram",
            "Instagram takipleri",
            "Facebook follows",
            "Page likes",
        ],
    ),
    (
        F::Purchases,
        &[
            "Purchases",
            "Käufe",
            "Achats",
            "Compras",
            "Acquisti",
            "Aankopen",
            "Satın almalar",
            "Alışverişler",
            "購入",
            "購入数",
        ],
    ),
    (
        F::Value,
        &[
            "Purchases conversion value",
            "Purchase conversion value",
            "Conversion-Wert von Käufen",
            "Conversion-Wert für Käufe",
            "Kauf-Conversion-Wert",
            "Valeur de conversion des achats",
            "Valor de conversión de compras",
            "Valor de conversión de las compras",
            "Valore di conversione degli acquisti",
            "Valore di conversione acquisti",
            "Valor de conversão da compra",
            "Valor de conversão de compras",
            "Valor de conversão das compras",
            "Conversiewaarde van aankopen",
            "Conversiewaarde aankopen",
            "Satın alma dönüşüm değeri",
            "Satın almaların dönüşüm değeri",
            "購入のコンバージョン値",
            "購入コンバージョン値",
        ],
    ),
    (F::Age, &["Age", "Alter", "Âge", "Tranche d’âge", "Edad", "Età", "Idade", "Leeftijd", "Yaş", "年齢"]),
    (
        F::Gender,
        &[
            "Gender",
            "Geschlecht",
            "Genre",
            "Sexe",
            "Sexo",
            "Genere",
            "Sesso",
            "Gênero",
            "Género",
            "Geslacht",
            "Cinsiyet",
            "性別",
        ],
    ),
    (
        F::Region,
        &[
            "Region", "Country", "Land", "Région", "Pays", "Región", "País", "Regione", "Paese", "Região", "Regio",
            "Bölge", "Ülke", "地域", "国",
        ],
    ),
];

/// Google Ads.
pub(super) const GOOGLE: Names<F> = &[
    (F::Day, &["Day", "Date", "Tag", "Jour", "Día", "Giorno", "Dia", "Dag", "Gün", "日", "日付"]),
    (F::Campaign, &["Campaign", "Kampagne", "Campagne", "Campaña", "Campagna", "Campanha", "Kampanya", "キャンペーン"]),
    (
        F::CampaignId,
        &[
            "Campaign ID",
            "Kampagnen-ID",
            "ID de campagne",
            "ID de campaña",
            "ID campagna",
            "ID da campanha",
            "Campagne-ID",
            "Kampanya kimliği",
            "キャンペーン ID",
        ],
    ),
    (
        F::AdSet,
        &[
            "Ad group",
            "Anzeigengruppe",
            "Groupe d'annonces",
            "Grupo de anuncios",
            "Gruppo di annunci",
            "Grupo de anúncios",
            "Advertentiegroep",
            "Reklam grubu",
            "広告グループ",
        ],
    ),
    (F::AdSetId, &["Ad group ID", "Anzeigengruppen-ID"]),
    (F::AdId, &["Ad ID", "Anzeigen-ID"]),
    (
        F::Currency,
        &[
            "Currency code",
            "Currency",
            "Währungscode",
            "Währung",
            "Code de devise",
            "Devise",
            "Código de moneda",
            "Codice valuta",
            "Código da moeda",
            "Valutacode",
            "Para birimi kodu",
            "通貨コード",
        ],
    ),
    (F::Spend, &["Cost", "Kosten", "Coût", "Coste", "Costo", "Custo", "Maliyet", "費用"]),
    (
        F::Impressions,
        &[
            "Impr.",
            "Impressions",
            "Impressionen",
            "Impresiones",
            "Impressioni",
            "Impressões",
            "Vertoningen",
            "Gösterim",
            "Göst.",
            "表示回数",
        ],
    ),
    (F::Clicks, &["Clicks", "Klicks", "Clics", "Clic", "Cliques", "Klikken", "Tıklama", "Tıklamalar", "クリック数"]),
    (F::Engagements, &["Engagements", "Interactions"]),
    (
        F::Conversions,
        &["Conversions", "Conversiones", "Conversioni", "Conversões", "Conversies", "Dönüşümler", "コンバージョン"],
    ),
    (
        F::Value,
        &[
            "Conv. value",
            "Conversion value",
            "Conv.-Wert",
            "Conversion-Wert",
            "Valeur de conv.",
            "Valor de conv.",
            "Valor conv.",
            "Valore conv.",
            "Conv.waarde",
            "Dönş. değeri",
            "コンバージョン値",
        ],
    ),
];

/// TikTok Ads Manager.
pub(super) const TIKTOK: Names<F> = &[
    (F::Day, &["Date", "By Day", "Datum", "Fecha", "Data", "Tarih", "日付"]),
    (
        F::Campaign,
        &[
            "Campaign name",
            "Kampagnenname",
            "Nom de la campagne",
            "Nombre de la campaña",
            "Nome della campagna",
            "Nome da campanha",
            "Campagnenaam",
            "Kampanya adı",
            "キャンペーン名",
        ],
    ),
    (F::CampaignId, &["Campaign ID"]),
    (F::AdSet, &["Ad group name"]),
    (F::AdSetId, &["Ad group ID"]),
    (F::Ad, &["Ad name"]),
    (F::AdId, &["Ad ID"]),
    (F::Age, &["Age"]),
    (F::Gender, &["Gender"]),
    (F::Region, &["Country/Region", "Country"]),
    (F::Currency, &["Currency"]),
    (F::Spend, &["Cost", "Total cost", "Kosten", "Coût", "Coste", "Costo", "Custo", "Maliyet", "消化金額"]),
    (F::Impressions, &["Impressions", "Impression"]),
    (F::Reach, &["Reach"]),
    (F::Clicks, &["Clicks (destination)", "Clicks"]),
    (F::ClicksAll, &["Clicks (all)"]),
    (F::Follows, &["Paid follows", "Paid followers"]),
    (F::Engagements, &["Paid engagements", "Engagements"]),
    (F::Conversions, &["Conversions", "Conversion"]),
    (F::Purchases, &["Complete payment", "Total complete payment", "Purchases (website)", "Purchases"]),
    (
        F::Value,
        &["Complete payment value", "Total complete payment value", "Purchase value (website)", "Purchase value"],
    ),
];

/// X Ads.
pub(super) const X: Names<F> = &[
    (F::Day, &["Time", "Time period", "Date"]),
    (F::From, &["Campaign start date"]),
    (F::To, &["Campaign end date"]),
    (F::CampaignId, &["id", "Campaign ID"]),
    (F::Campaign, &["Campaign", "Campaign name"]),
    (F::AdSet, &["Ad group", "Ad group name"]),
    (F::AdSetId, &["Ad group ID"]),
    (F::Spend, &["Spend", "Billed spend"]),
    (F::Currency, &["Currency"]),
    (F::Impressions, &["Impressions"]),
    (F::Clicks, &["Link clicks"]),
    (F::ClicksAll, &["Clicks"]),
    (F::Engagements, &["Engagements", "Tweet engagements", "Post engagements"]),
    (F::Follows, &["Follows"]),
    (F::Conversions, &["Conversions", "Total conversions"]),
    (F::Purchases, &["Purchases", "Conversions - Purchases"]),
];

/// LinkedIn Campaign Manager. Viral figures, which nobody pays for, are none of these.
pub(super) const LINKEDIN: Names<F> = &[
    (
        F::From,
        &[
            "Start Date (in UTC)",
            "Start Date",
            "Date",
            "Startdatum (in UTC)",
            "Date de début (en UTC)",
            "Fecha de inicio (en UTC)",
        ],
    ),
    (F::To, &["End Date (in UTC)", "End Date"]),
    (F::Campaign, &["Campaign Name", "Kampagnenname", "Nom de la campagne", "Nombre de la campaña"]),
    (F::CampaignId, &["Campaign ID", "Kampagnen-ID"]),
    (F::AdSet, &["Campaign Group Name", "Name der Kampagnengruppe"]),
    (F::AdSetId, &["Campaign Group ID"]),
    (F::Ad, &["Creative Name", "Ad Name", "Ad Headline"]),
    (F::AdId, &["Creative ID", "Ad ID"]),
    (F::Currency, &["Currency", "Währung", "Devise", "Divisa"]),
    (F::Spend, &["Total Spent", "Gesamtausgaben", "Total dépensé", "Total gastado"]),
    (F::Impressions, &["Impressions", "Impressionen", "Impresiones"]),
    (F::Clicks, &["Clicks", "Klicks", "Clics"]),
    (F::Engagements, &["Total Engagements", "Total Engagement"]),
    (F::Follows, &["Follows"]),
    (F::Conversions, &["Conversions"]),
    (F::Value, &["Total Conversion Value"]),
    (F::Reach, &["Reach"]),
];

#[cfg(test)]
mod tests {
    use super::{AD_COLUMNS, FIELDS, GOOGLE, LINKEDIN, META, TIKTOK, X, of_table};
    use crate::columns::plain;

    #[test]
    fn no_name_means_two() {
        for (platform, names) in
            [("meta", META), ("google", GOOGLE), ("tiktok", TIKTOK), ("x", X), ("linkedin", LINKEDIN)]
        {
            let mut met: Vec<(String, usize)> = Vec::new();
            for (i, (_, all)) in names.iter().enumerate() {
                for name in *all {
                    let name = plain(name);
                    assert!(!met.iter().any(|(n, j)| *n == name && *j != i), "{platform}: {name} stands twice");
                    met.push((name, i));
                }
            }
        }
        assert_eq!(AD_COLUMNS.len(), FIELDS.len());
        for (i, column) in AD_COLUMNS.iter().enumerate() {
            assert_eq!(of_table(column.name), Some(FIELDS[i]), "{}", column.name);
            for alias in column.aliases {
                assert_eq!(of_table(alias), Some(FIELDS[i]), "{alias}");
            }
        }
    }
}
