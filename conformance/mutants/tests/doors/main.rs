//! The cases about TLS and channel binding, against HACs on loopback behind a real TLS server. Machines in memory have
//! no TLS, so this is where these cases are shown to fail.

mod authority;
mod certificates;
mod client_certificate;
mod door;
mod middle;
mod openssl;
mod renegotiation;
mod terms;
