//! Words of headers in other languages, for guessing. A guess is shown and said by the user before it is used; names that are
//! known for sure stand in the tables of columns.

/// Words and what they are in English, without accents. Written by hand from everyday words for these things in German, French,
/// Spanish, Italian, Portuguese, Dutch and Turkish.
const WORDS: &[(&str, &[&str])] = &[
    (
        "customer",
        &[
            "kunde",
            "kunden",
            "kaufer",
            "client",
            "clients",
            "acheteur",
            "cliente",
            "comprador",
            "acquirente",
            "klant",
            "klanten",
            "musteri",
            "shopper",
            "member",
            "purchaser",
            "who",
        ],
    ),
    (
        "order",
        &[
            "bestellung",
            "auftrag",
            "bestell",
            "commande",
            "pedido",
            "ordine",
            "encomenda",
            "bestelling",
            "siparis",
            "beleg",
            "rechnung",
            "facture",
            "factura",
            "fattura",
            "fatura",
            "factuur",
            "receipt",
            "sale",
            "purchase",
        ],
    ),
    (
        "id",
        &[
            "nr",
            "nummer",
            "no",
            "num",
            "number",
            "numero",
            "kennung",
            "code",
            "identifiant",
            "identificador",
            "kimlik",
            "ref",
        ],
    ),
    (
        "date",
        &[
            "datum",
            "tag",
            "zeit",
            "zeitpunkt",
            "jour",
            "fecha",
            "dia",
            "data",
            "giorno",
            "dag",
            "tarih",
            "tarihi",
            "gun",
            "heure",
            "hora",
            "ora",
            "tijd",
            "when",
            "at",
            "am",
            "on",
            "le",
        ],
    ),
    (
        "total",
        &[
            "betrag",
            "summe",
            "gesamt",
            "gesamtbetrag",
            "gesamtsumme",
            "umsatz",
            "montant",
            "somme",
            "importe",
            "monto",
            "importo",
            "totale",
            "valor",
            "bedrag",
            "totaal",
            "tutar",
            "toplam",
            "paid",
            "much",
            "brutto",
            "turnover",
            "ca",
        ],
    ),
    ("currency", &["wahrung", "devise", "moneda", "divisa", "valuta", "moeda", "munt", "para"]),
    ("quantity", &["menge", "anzahl", "stuck", "quantite", "cantidad", "quantita", "quantidade", "aantal", "adet"]),
    (
        "product",
        &["produkt", "artikel", "produit", "producto", "articulo", "prodotto", "articolo", "produto", "urun", "ware"],
    ),
    ("price", &["preis", "einzelpreis", "stuckpreis", "prix", "precio", "prezzo", "preco", "prijs", "fiyat"]),
    ("discount", &["rabatt", "remise", "descuento", "sconto", "desconto", "korting", "indirim"]),
    ("coupon", &["gutschein", "gutscheincode", "rabattcode", "cupon", "cupom", "bon", "kortingscode", "kupon"]),
    ("shipping", &["versand", "versandkosten", "livraison", "envio", "spedizione", "frete", "verzending", "kargo"]),
    ("tax", &["steuer", "mwst", "tva", "iva", "btw", "kdv", "ust"]),
    (
        "refunded",
        &["erstattet", "erstattung", "rembourse", "remboursement", "reembolso", "rimborso", "terugbetaald", "iade"],
    ),
    (
        "source",
        &["quelle", "herkunft", "kanal", "origine", "origen", "canal", "fonte", "canale", "origem", "bron", "kaynak"],
    ),
    (
        "spend",
        &[
            "kosten",
            "ausgaben",
            "ausgegeben",
            "depense",
            "depenses",
            "cout",
            "gasto",
            "gastos",
            "inversion",
            "costo",
            "spesa",
            "spese",
            "importo",
            "custo",
            "gastos",
            "uitgaven",
            "besteed",
            "harcama",
            "harcanan",
            "budget",
            "mediaspend",
        ],
    ),
    ("campaign", &["kampagne", "campagne", "campana", "campagna", "campanha", "kampanya"]),
    ("clicks", &["klicks", "klick", "kliks", "clics", "clic", "cliques", "klikken", "tiklama", "tiklamalar"]),
    (
        "impressions",
        &[
            "impressionen",
            "einblendungen",
            "anzeigen",
            "affichages",
            "impresiones",
            "visualizzazioni",
            "impressoes",
            "vertoningen",
            "gosterim",
            "gosterimler",
            "aufrufe",
            "vues",
            "vistas",
        ],
    ),
    ("reach", &["reichweite", "erreicht", "portee", "couverture", "alcance", "copertura", "bereik", "erisim"]),
    ("likes", &["gefallt", "jaime", "gusta", "megusta", "mipiace", "curtidas", "vindikleuks", "begeni", "herzen"]),
    ("comments", &["kommentare", "commentaires", "comentarios", "commenti", "reacties", "yorum", "yorumlar"]),
    ("shares", &["geteilt", "partages", "compartidos", "condivisioni", "compartilhamentos", "gedeeld", "paylasim"]),
    (
        "published",
        &[
            "veroffentlicht",
            "publie",
            "publication",
            "publicacion",
            "pubblicato",
            "publicado",
            "gepubliceerd",
            "yayin",
            "posted",
        ],
    ),
    (
        "handle",
        &[
            "nutzername",
            "benutzername",
            "benutzer",
            "nutzer",
            "pseudo",
            "utilisateur",
            "usuario",
            "utente",
            "gebruikersnaam",
            "gebruiker",
            "kullanici",
            "nick",
            "nickname",
            "profil",
            "profile",
            "profilo",
        ],
    ),
    ("followers", &["abonnenten", "abonnes", "seguidores", "follower", "volgers", "takipci", "takipciler", "fans"]),
    (
        "followed",
        &["gefolgt", "abonniert", "abonnement", "seguido", "seguito", "gevolgd", "takip", "subscribed", "joined"],
    ),
    ("kind", &["art", "typ", "tipo", "soort", "tur", "action", "did", "aktion", "interaction"]),
    ("post", &["beitrag", "publicacion", "publicacao", "bericht", "gonderi"]),
    ("follows", &["neue", "nouveaux", "nuevos", "nuovi", "novos", "nieuwe", "yeni"]),
    ("email", &["mail", "emailadresse", "courriel", "correo", "eposta"]),
];

/// German and Dutch write two words as one: what such a word begins with, and what follows.
const FIRST: &[&str] = &[
    "kunden",
    "bestell",
    "auftrags",
    "rechnungs",
    "beleg",
    "klant",
    "bestel",
    "order",
    "customer",
    "client",
    "invoice",
];

/// The words of a header in lower case, without accents, in English where they are known in another language.
pub(super) fn english(header: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_small = false;
    for c in header.chars() {
        let starts = c.is_uppercase() && was_small;
        was_small = c.is_lowercase();
        if !c.is_alphanumeric() {
            words.push(String::new());
            continue;
        }
        if starts || words.is_empty() {
            words.push(String::new());
        }
        for c in c.to_lowercase() {
            if let Some(word) = words.last_mut() {
                word.push(bare(c));
            }
        }
    }
    let split = words.into_iter().filter(|w| !w.is_empty() && w != "\u{307}").flat_map(|word| {
        let first = FIRST.iter().find(|f| word.len() > f.len() + 1 && word.starts_with(**f));
        match first.map(|f| (f.trim_end_matches('s'), word[f.len()..].to_owned())) {
            Some((first, rest)) if is_known(&rest) => vec![first.to_owned(), rest],
            _ => vec![word],
        }
    });
    split
        .map(|word| WORDS.iter().find(|(_, all)| all.contains(&word.as_str())).map_or(word, |(w, _)| (*w).to_owned()))
        .collect()
}

fn is_known(word: &str) -> bool {
    WORDS.iter().any(|(english, all)| *english == word || all.contains(&word))
}

/// A letter without its accent.
fn bare(c: char) -> char {
    match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' | 'ı' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ş' | 'š' => 's',
        'ğ' => 'g',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::english;

    #[test]
    fn headers_are_words_in_english() {
        for (header, words) in [
            ("Kundennr", "customer id"),
            ("orderTotal", "order total"),
            ("Date d'abonnement", "date d followed"),
            ("Bestelldatum", "bestell date"),
            ("Währung", "currency"),
            ("UTM", "utm"),
        ] {
            let found = english(header).join(" ");
            let expected = words.replace("bestell", "order");
            assert_eq!(found, expected, "{header}");
        }
    }
}
