//! The vectors of `vectors/rfc6618` in both directions, and Mobility Headers that others have published.

mod vectors_header;
mod vectors_mobility;
