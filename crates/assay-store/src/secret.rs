//! The key of a workspace, and what is hashed with it: addresses and telephone numbers, and those who are to be forgotten.
//!
//! The key is kept in a file of its own, apart from the rows. A hash without a key would be no protection: there are few enough
//! addresses and handles in the world to try them all. HMAC-SHA-256 (Krawczyk, Bellare and Canetti 1997, RFC 2104).

use assay_model::CustomerName;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::borrow::Cow;
use std::fmt;

/// Bytes of a key.
pub const SECRET_BYTES: usize = 32;
/// Hexadecimal digits that a keyed hash is written with: 128 of its 256 bits, so that two people share one never.
const DIGITS: usize = 32;

/// The key of a workspace.
#[derive(Clone)]
pub struct Secret {
    bytes: [u8; SECRET_BYTES],
    /// Keyed, before anything is hashed.
    mac: Option<Hmac<Sha256>>,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A key of these bytes, which nobody can guess.
    pub fn new(bytes: [u8; SECRET_BYTES]) -> Self {
        // A key of any length is taken: there is always one.
        Self { bytes, mac: Hmac::<Sha256>::new_from_slice(&bytes).ok() }
    }

    /// Reads a key that was written by [`Secret::text`].
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().as_bytes();
        if text.len() != 2 * SECRET_BYTES {
            return None;
        }
        let mut bytes = [0; SECRET_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
            let digit = |c: u8| char::from(c).to_digit(16);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Some(Self::new(bytes))
    }

    /// The key as its file holds it: 64 hexadecimal digits.
    pub fn text(&self) -> String {
        hexadecimal(&self.bytes)
    }

    /// The keyed hash of something of a kind, as hexadecimal digits.
    pub(crate) fn hash(&self, kind: &str, of: &str) -> String {
        let Some(mut mac) = self.mac.clone() else { return String::new() };
        mac.update(kind.as_bytes());
        mac.update(&[0]);
        mac.update(of.as_bytes());
        hexadecimal(&mac.finalize().into_bytes()[..DIGITS / 2])
    }

    /// The keyed hash of an e-mail address; case and the space around it do not matter.
    pub fn email_key(&self, address: &str) -> String {
        self.hash("email", &address.trim().to_lowercase())
    }

    /// The keyed hash of a customer's name where it is an address (then it is [`Secret::email_key`]) or a telephone number.
    pub(crate) fn customer_key(&self, name: &str) -> Option<String> {
        match CustomerName::of(name) {
            CustomerName::Address(address) => Some(self.email_key(&address)),
            CustomerName::Phone(number) => Some(self.hash("phone", &number)),
            CustomerName::Id(_) => None,
        }
    }

    /// What the workspace holds of a customer's name: an id as it stands, of an address or a telephone number the keyed hash.
    /// What it holds already is held as it stands.
    pub fn customer_id<'a>(&self, name: &'a str) -> Cow<'a, str> {
        self.customer_key(name).map_or(name.into(), Cow::from)
    }

    /// An identity that a person's name is part of, so that nobody tries names on it.
    pub(crate) fn sealed(&self, identity: i64) -> i64 {
        let digits = self.hash("identity", &identity.to_string());
        // Sixteen digits are 64 bits.
        u64::from_str_radix(&digits[..digits.len().min(16)], 16).unwrap_or_default() as i64
    }

    /// What tells this key from another, and nothing of it.
    pub(crate) fn check(&self) -> String {
        self.hash("check", "")
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    const OF: &[u8; 16] = b"0123456789abcdef";
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        digits.push(char::from(OF[usize::from(byte >> 4)]));
        digits.push(char::from(OF[usize::from(byte & 15)]));
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_key_goes_there_and_back() {
        let secret = Secret::new(std::array::from_fn(|i| i as u8 * 7));
        assert_eq!(Secret::parse(&secret.text()), Some(secret.clone()));
        assert_eq!(Secret::parse("00"), None);
        assert_eq!(Secret::parse(&"x".repeat(64)), None);
        assert_eq!(format!("{secret:?}"), "Secret");
    }

    #[test]
    fn the_keyed_hash_is_hmac_sha_256() {
        // printf 'email\0ann@example.com' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0000…00
        let secret = Secret::new([0; 32]);
        assert_eq!(secret.email_key(" Ann@Example.com"), "5939d538486a19542c13c315394be7ee");
        assert_ne!(Secret::new([1; 32]).email_key("ann@example.com"), secret.email_key("ann@example.com"));
    }

    #[test]
    fn of_a_customer_the_name_is_held_only_where_it_is_an_id() {
        let secret = Secret::new([0; 32]);
        assert_eq!(secret.customer_id("C-1042"), "C-1042");
        let address = secret.customer_id(" Ann@Example.com").into_owned();
        assert_eq!(address, secret.email_key("ann@example.com"));
        assert_eq!(secret.customer_id("+47 912 34 567"), secret.customer_id("004791234567"));
        assert_ne!(secret.customer_id("+4791234567"), "+4791234567");
        assert_eq!(secret.customer_id(&address), address, "a hash is an id");
        // printf 'identity\0-5' | openssl dgst -sha256 -mac HMAC -macopt hexkey:0000…00
        assert_eq!(secret.sealed(-5), SEALED);
    }

    const SEALED: i64 = 0xca4d_270c_8199_f3ff_u64 as i64;
}
