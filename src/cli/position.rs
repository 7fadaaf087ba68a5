//! How far a run has read, so that another can read as far and go on from there.

use std::path::Path;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use super::feed::{Body, Feed, Unit};
use super::journal::{self, Identity};

/// A place between two pieces of work. What is read is cut the same way every time, so that their number says where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Position {
    /// How many pieces stand before it.
    units: u64,
    /// XXH3 of what they hold, so that no run goes on with something else than was read before.
    hash: String,
}

/// A feed whose positions are known if somebody wants to know.
pub(crate) struct Tracked<'s> {
    feed: Feed<'s>,
    hasher: Option<Box<Xxh3>>,
    units: u64,
}

impl<'s> Tracked<'s> {
    /// A feed of which nobody wants to know.
    pub(crate) fn untracked(feed: Feed<'s>) -> Self {
        Self {
            feed,
            hasher: None,
            units: 0,
        }
    }

    /// A feed that begins behind a position, if there is one: what stands before it is read, and nothing more.
    pub(crate) fn behind(feed: Feed<'s>, position: Option<&Position>) -> Result<Self> {
        let mut tracked = Self {
            feed,
            hasher: Some(Box::default()),
            units: 0,
        };
        let Some(position) = position else {
            return Ok(tracked);
        };
        while tracked.units < position.units {
            if tracked.next().is_none() {
                break;
            }
        }
        if tracked.position().as_ref() != Some(position) {
            bail!(
                "what is read is not what the run read that was interrupted; begin anew without --resume"
            );
        }
        Ok(tracked)
    }

    /// The next piece.
    pub(crate) fn next(&mut self) -> Option<Unit> {
        let unit = self.feed.next()?;
        self.units += 1;
        if let Some(hasher) = &mut self.hasher {
            add(hasher, &unit);
        }
        Some(unit)
    }

    /// Where the next piece begins.
    pub(crate) fn position(&self) -> Option<Position> {
        self.hasher.as_ref().map(|hasher| Position {
            units: self.units,
            hash: journal::digits(hasher),
        })
    }
}

/// Adds what tells a piece from others.
fn add(hasher: &mut Xxh3, unit: &Unit) {
    hasher.update(&(unit.source as u64).to_le_bytes());
    hasher.update(&[u8::from(unit.last)]);
    let mut bytes = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    // Files that a worker reads, and those that are read from their end, are known by what the system says of them.
    let file = |path: &Path| {
        format!(
            "{:?}",
            path.metadata().map(|data| Identity::of_source(&data))
        )
    };
    match &unit.body {
        Body::Bytes(own) | Body::Passed(own, _) | Body::Large(own, ..) => bytes(own),
        Body::Window(window) => bytes(&window.bytes[window.own.clone()]),
        Body::Members(members) => members.iter().for_each(|member| bytes(&member.packed)),
        Body::File(path) | Body::Packed(path, _) => bytes(file(path).as_bytes()),
        Body::Table(file) => {
            let length = file.metadata().map_or(0, |data| data.len());
            bytes(&length.to_le_bytes());
        }
        Body::Broken(error) => bytes(error.to_string().as_bytes()),
    }
}
