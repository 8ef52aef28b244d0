//! Handles, display names and ids of made accounts. They are put together from lists of common given names and made-up
//! words; no real person is meant.
//!
//! A handle holds the account's number in disguise (as syllables, letters or digits), so that no two accounts of a page share
//! one and none has to be remembered.

use super::draw::Draw;
use crate::snowflake::x_id_at;
use crate::time::TimeMs;
use std::fmt::Write as _;

/// A place that made people come from.
pub(super) struct Place {
    pub(super) language: &'static str,
    pub(super) country: &'static str,
    /// How common it is among ordinary followers; only proportions count.
    weight: u32,
    /// Given names: as in a handle, and as displayed.
    given: [(&'static str, &'static str); 8],
    /// Made second names, as displayed.
    second: [&'static str; 6],
}

/// The places, in several scripts. Weights are made.
static PLACES: [Place; 12] = [
    Place {
        language: "en",
        country: "US",
        weight: 24,
        given: [
            ("emma", "Emma"),
            ("liam", "Liam"),
            ("grace", "Grace"),
            ("noah", "Noah"),
            ("zoe", "Zoe"),
            ("caleb", "Caleb"),
            ("ruth", "Ruth"),
            ("ian", "Ian"),
        ],
        second: ["Amberlow", "Brindle", "Copperfen", "Dunmarsh", "Elmstrand", "Foxmere"],
    },
    Place {
        language: "en",
        country: "GB",
        weight: 14,
        given: [
            ("isla", "Isla"),
            ("alfie", "Alfie"),
            ("freya", "Freya"),
            ("harry", "Harry"),
            ("poppy", "Poppy"),
            ("rory", "Rory"),
            ("maeve", "Maeve"),
            ("owen", "Owen"),
        ],
        second: ["Gorsewell", "Hartbeck", "Inglethorn", "Kestwick", "Larkhollow", "Mosscombe"],
    },
    Place {
        language: "de",
        country: "DE",
        weight: 10,
        given: [
            ("anna", "Anna"),
            ("jonas", "Jonas"),
            ("greta", "Greta"),
            ("felix", "Felix"),
            ("heike", "Heike"),
            ("uwe", "Uwe"),
            ("joerg", "Jörg"),
            ("kaethe", "Käthe"),
        ],
        second: ["Birkental", "Dornbrück", "Eichgrün", "Moosgärtner", "Sandläufer", "Windhöfer"],
    },
    Place {
        language: "es",
        country: "MX",
        weight: 9,
        given: [
            ("lucia", "Lucía"),
            ("mateo", "Mateo"),
            ("ines", "Inés"),
            ("diego", "Diego"),
            ("elena", "Elena"),
            ("pablo", "Pablo"),
            ("nuria", "Nuria"),
            ("ivan", "Iván"),
        ],
        second: ["Almendral", "Brisaluz", "Cañaverde", "Lunasol", "Montecielo", "Ríoblanco"],
    },
    Place {
        language: "pt",
        country: "BR",
        weight: 9,
        given: [
            ("joao", "João"),
            ("ana", "Ana"),
            ("tiago", "Tiago"),
            ("luiza", "Luiza"),
            ("davi", "Davi"),
            ("bia", "Bia"),
            ("caio", "Caio"),
            ("livia", "Lívia"),
        ],
        second: ["Campoverde", "Marazul", "Pedralva", "Ribeirinho", "Solnascente", "Ventobravo"],
    },
    Place {
        language: "fr",
        country: "FR",
        weight: 7,
        given: [
            ("chloe", "Chloé"),
            ("hugo", "Hugo"),
            ("lea", "Léa"),
            ("louis", "Louis"),
            ("manon", "Manon"),
            ("theo", "Théo"),
            ("ines", "Inès"),
            ("jules", "Jules"),
        ],
        second: ["Aubeclaire", "Boisdoré", "Champrivage", "Fleurmont", "Pierrelune", "Valbrume"],
    },
    Place {
        language: "tr",
        country: "TR",
        weight: 6,
        given: [
            ("elif", "Elif"),
            ("emre", "Emre"),
            ("zeynep", "Zeynep"),
            ("can", "Can"),
            ("ayse", "Ayşe"),
            ("omer", "Ömer"),
            ("defne", "Defne"),
            ("kaan", "Kaan"),
        ],
        second: ["Akçaçay", "Bozdere", "Çınarlık", "Gökyayla", "Karaburç", "Yeşiltaş"],
    },
    Place {
        language: "ja",
        country: "JP",
        weight: 6,
        given: [
            ("haru", "はる"),
            ("yui", "ゆい"),
            ("sota", "そうた"),
            ("mio", "みお"),
            ("ren", "れん"),
            ("aoi", "あおい"),
            ("kaito", "かいと"),
            ("hana", "はな"),
        ],
        second: ["星野原", "青葉川", "月見坂", "風待", "雪代", "花野"],
    },
    Place {
        language: "ru",
        country: "KZ",
        weight: 5,
        given: [
            ("anya", "Аня"),
            ("dima", "Дима"),
            ("olga", "Ольга"),
            ("ilya", "Илья"),
            ("vera", "Вера"),
            ("pavel", "Павел"),
            ("nina", "Нина"),
            ("egor", "Егор"),
        ],
        second: ["Белоречная", "Ветрова", "Зареченко", "Лесовик", "Морошкина", "Снегопад"],
    },
    Place {
        language: "ar",
        country: "EG",
        weight: 4,
        given: [
            ("sara", "سارة"),
            ("omar", "عمر"),
            ("layla", "ليلى"),
            ("karim", "كريم"),
            ("huda", "هدى"),
            ("samir", "سمير"),
            ("noor", "نور"),
            ("tarek", "طارق"),
        ],
        second: ["البحيري", "النسيم", "الوادي", "الزهراوي", "القمري", "الريحاني"],
    },
    Place {
        language: "hi",
        country: "IN",
        weight: 4,
        given: [
            ("asha", "आशा"),
            ("ravi", "रवि"),
            ("meera", "मीरा"),
            ("arjun", "अर्जुन"),
            ("kavya", "काव्या"),
            ("rohan", "रोहन"),
            ("tara", "तारा"),
            ("vijay", "विजय"),
        ],
        second: ["वनराज", "नदीवाल", "सूर्यतल", "पर्वतकर", "मेघवन", "चंद्रपुर"],
    },
    Place {
        language: "ko",
        country: "KR",
        weight: 2,
        given: [
            ("jiwoo", "지우"),
            ("minjun", "민준"),
            ("seoyun", "서윤"),
            ("doyun", "도윤"),
            ("hayun", "하윤"),
            ("jiho", "지호"),
            ("sua", "수아"),
            ("yejun", "예준"),
        ],
        second: ["별솔", "푸른", "달빛", "한울", "바람", "새벽"],
    },
];

/// Where an ordinary follower comes from.
pub(super) fn place(draw: &mut Draw) -> &'static Place {
    let mut left = draw.below(PLACES.iter().map(|p| p.weight).sum());
    for place in &PLACES {
        if left < place.weight {
            return place;
        }
        left -= place.weight;
    }
    &PLACES[0]
}

/// The place of this country, such as `BR`.
pub(super) fn place_in(country: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.country == country)
}

/// The countries that made people come from, such as `BR`.
pub fn countries() -> Vec<&'static str> {
    let mut all: Vec<&str> = PLACES.iter().map(|place| place.country).collect();
    all.sort_unstable();
    all
}

/// How a handle is put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// A given name, an underscore and a made word: `emma_velodaki`.
    NameAndWord,
    /// A made word, and often a year of birth: `velodaki`, `velodaki88`.
    Word,
    /// A given name and eight digits, as X proposes: `emma40412771`.
    NameAndDigits,
    /// Letters without sense: `xkqjvbrtwd`.
    Letters,
    /// One stem and a running number: `sunlitday004127`.
    Numbered,
}

/// A person's style: most choose a name or a word, one in eight keeps what the platform proposes (made).
pub(super) fn of_a_person(draw: &mut Draw) -> Style {
    match draw.below(8) {
        0 => Style::NameAndDigits,
        1..4 => Style::Word,
        _ => Style::NameAndWord,
    }
}

/// A sold account's style; each seller sticks to two, mixed three to one (made).
pub(super) fn of_a_seller(seller: usize, draw: &mut Draw) -> Style {
    let (usual, other) = match seller % 4 {
        0 => (Style::Letters, Style::Word),
        1 => (Style::NameAndDigits, Style::Letters),
        2 => (Style::NameAndWord, Style::NameAndDigits),
        _ => (Style::Numbered, Style::Word),
    };
    if draw.chance(0.75) { usual } else { other }
}

/// The texts of one account; the buffers are used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Texts {
    pub(super) id: String,
    pub(super) handle: String,
    pub(super) display_name: String,
}

impl Texts {
    /// Writes the names of the account of this number.
    pub(super) fn name(&mut self, number: u32, home: &Place, style: Style, draw: &mut Draw) {
        let &(given, shown) = draw.one_of(&home.given);
        self.handle.clear();
        match style {
            Style::NameAndWord => {
                self.handle.push_str(given);
                self.handle.push('_');
                push_word(&mut self.handle, number);
            }
            Style::Word => {
                push_word(&mut self.handle, number);
                if draw.chance(0.5) {
                    push(&mut self.handle, format_args!("{:02}", (draw.below(35) + 70) % 100));
                }
            }
            Style::NameAndDigits => {
                self.handle.push_str(given);
                push(&mut self.handle, format_args!("{:08}", disguised(number, 99_999_989)));
            }
            Style::Letters => push_letters(&mut self.handle, number, draw),
            Style::Numbered => push(&mut self.handle, format_args!("sunlitday{number:06}")),
        }
        self.display_name.clear();
        self.display_name.push_str(shown);
        if draw.chance(0.7) {
            self.display_name.push(' ');
            self.display_name.push_str(draw.one_of::<&str>(&home.second));
        }
    }

    /// Writes the id of the account of this number, opened at this moment. `among` is how many accounts there are.
    pub(super) fn identify(&mut self, number: u32, among: u32, created: TimeMs) {
        self.id.clear();
        push(&mut self.id, format_args!("{}", x_id_at(created, number, among)));
    }
}

const CONSONANTS: &[u8; 16] = b"bdfghjklmnprstvz";
const VOWELS: &[u8; 5] = b"aeiou";

/// Four syllables, of which there are 80^4 = 40.96 million: more accounts than that would share words.
fn push_word(text: &mut String, number: u32) {
    let mut left = disguised(number, 40_959_929);
    for _ in 0..4 {
        text.push(char::from(CONSONANTS[(left % 80 / 5) as usize]));
        text.push(char::from(VOWELS[(left % 5) as usize]));
        left /= 80;
    }
}

/// Seven letters of twenty that do not read as words, and three more.
fn push_letters(text: &mut String, number: u32, draw: &mut Draw) {
    const LETTERS: &[u8; 20] = b"bcdfghjkmnpqrstvwxyz";
    let mut left = disguised(number, 1_279_999_997);
    for _ in 0..7 {
        text.push(char::from(LETTERS[(left % 20) as usize]));
        left /= 20;
    }
    for _ in 0..3 {
        text.push(char::from(*draw.one_of(LETTERS)));
    }
}

/// Scatters numbers below `prime` over 0..prime, no two onto one, so that neighbours have nothing in common.
///
/// Cubing permutes the numbers modulo a prime that leaves 2 when divided by 3.
fn disguised(number: u32, prime: u64) -> u64 {
    let moved = (u64::from(number) + 12_345_677) % prime;
    moved * moved % prime * moved % prime
}

fn push(text: &mut String, words: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _ = text.write_fmt(words);
}
