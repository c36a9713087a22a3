//! Reading a large capture: ours beside `cat`, tcpdump and tshark, as whole processes, in one run.
//!
//! ```text
//! cargo build --release -p mip6-conform -p mip6-bench && target/release/captures
//! ```
//!
//! It writes 160 MB of protected packets of 320 octets below the folder of the binary, has every program read them
//! some rounds in turn, and prints medians as the table of docs/PERFORMANCE.md. Rates are by processor time, user and
//! system of all threads, which a busy machine spoils less than the clock; the clock stands beside it. A program that
//! is not there has no row. Nothing is asserted.

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bumpalo::Bump;
use crypto::{DirectionKeys, Opener, Outgoing, Sealer};
use wire::packet::PType;
use wire::trailer::IPV4;
use wire::value::{Ciphersuite, Spi, hex};

type Failure = Box<dyn Error>;

/// 160 MB with the headers of the file.
const PACKETS: u32 = 476_000;
const ROUNDS: usize = 5;
const SUITE: Ciphersuite = Ciphersuite::Aes128Sha;
const SPI: u32 = 0x0001_2345;
const PORT: u16 = 7872;
/// A raw IP packet of 320 octets: IP 20, UDP 8, header 8, IV 16, ciphertext 256, ICV 12.
const FRAME: usize = 320;
/// Pad Length and Next Header take the other two octets of the ciphertext.
const INNER: usize = 254;
/// Packets that are sealed and opened together.
const BATCH: usize = 700;

/// The words that make this program one of those that it measures.
const SIDE_BY_SIDE: &str = "crypto-side-by-side";
const ONE_BY_ONE: &str = "crypto-one-by-one";

/// A program to measure.
struct Row {
    what: &'static str,
    command: String,
}

/// What one run took, in seconds.
#[derive(Clone, Copy)]
struct Took {
    processor: f64,
    clock: f64,
}

fn main() -> Result<(), Failure> {
    let mut arguments = env::args().skip(1);
    if let (Some(word), Some(capture)) = (arguments.next(), arguments.next()) {
        return match word.as_str() {
            SIDE_BY_SIDE => open_alone(Path::new(&capture), side_by_side),
            ONE_BY_ONE => open_alone(Path::new(&capture), one_by_one),
            _ => Err(format!("no word {word:?}").into()),
        };
    }
    let folder = env::current_exe()?.parent().ok_or("no folder of the binary")?.to_owned();
    let (capture, sa) = (folder.join("captures.pcap"), folder.join("captures.sa.json"));
    let keys = [keys(0x11)?, keys(0x51)?];
    eprintln!("writing {} packets to {}", PACKETS, capture.display());
    write_capture(&capture, &Sealer::new(&keys[0]))?;
    fs::write(&sa, sa_json())?;
    let rows: Vec<_> = rows(&folder, &capture, &sa).into_iter().filter(is_there).collect();
    let mut took = vec![Vec::new(); rows.len()];
    for round in 1..=ROUNDS {
        for (row, took) in rows.iter().zip(&mut took) {
            eprintln!("round {round}: {}", row.what);
            took.push(measure(row)?);
        }
    }
    println!("| what | packets a second | processor s | clock s |");
    println!("| --- | ---: | ---: | ---: |");
    for (row, took) in rows.iter().zip(took) {
        print_row(row.what, median(took));
    }
    Ok(())
}

fn rows(folder: &Path, capture: &Path, sa: &Path) -> Vec<Row> {
    let ours = folder.join("mip6-conform").display().to_string();
    let (capture, sa) = (capture.display(), sa.display());
    let (ikey, ekey) = (key_text(0x11, 20), key_text(0x12, 16));
    let word = 0x1000_0000 | SPI;
    let esp = format!(
        "-d udp.port=={PORT},udpencap -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE \
         -o 'uat:esp_sa:\"IPv4\",\"*\",\"*\",\"0x{word:08x}\",\"AES-CBC [RFC3602]\",\"0x{ekey}\",\
         \"HMAC-SHA-1-96 [RFC2404]\",\"0x{ikey}\"'"
    );
    let row = |what, command: String| Row { what, command };
    let alone = folder.join("captures").display().to_string();
    vec![
        row("`cat`", format!("cat {capture}")),
        row("list, one core", format!("{ours} dissect {capture} --cores 1")),
        row("list, all cores", format!("{ours} dissect {capture}")),
        row(
            "decryption, ICV and findings, one core",
            format!("{ours} dissect {capture} --sa {sa} --cores 1"),
        ),
        row("decryption, ICV and findings, all cores", format!("{ours} dissect {capture} --sa {sa}")),
        row(
            "reading the file and the crypto alone, packet by packet",
            format!("{alone} {ONE_BY_ONE} {capture}"),
        ),
        row(
            "reading the file and the crypto alone, side by side",
            format!("{alone} {SIDE_BY_SIDE} {capture}"),
        ),
        row("`tcpdump -nr`", format!("tcpdump -nr {capture}")),
        row("`tshark -n`", format!("tshark -n -r {capture}")),
        row("`tshark -n`, ESP and ICV check", format!("tshark -n -r {capture} {esp}")),
        row(
            "`tshark -n`, a verdict per packet",
            format!("tshark -n -r {capture} {esp} -T fields -e esp.icv_good"),
        ),
    ]
}

fn is_there(row: &Row) -> bool {
    let program = row.command.split(' ').next().unwrap_or_default();
    let found =
        Command::new("sh").args(["-c", &format!("command -v {program}")]).stdout(Stdio::null()).status();
    let is_there = found.is_ok_and(|status| status.success());
    if !is_there {
        eprintln!("skipped: {}: no {program} here", row.what);
    }
    is_there
}

/// The shell knows what its child took.
fn measure(row: &Row) -> Result<Took, Failure> {
    let script = format!("TIMEFORMAT='%R %U %S'; time {} >/dev/null 2>/dev/null", row.command);
    let output = Command::new("bash").args(["-c", &script]).stdout(Stdio::null()).output()?;
    let said = String::from_utf8(output.stderr)?;
    let times: Vec<f64> = said.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    let &[clock, user, system] = times.as_slice() else {
        return Err(format!("{}: the shell said {said}", row.command).into());
    };
    Ok(Took { processor: user + system, clock })
}

fn median(mut took: Vec<Took>) -> Took {
    took.sort_by(|one, other| one.processor.total_cmp(&other.processor));
    took.get(took.len() / 2).copied().unwrap_or(Took { processor: f64::NAN, clock: f64::NAN })
}

fn print_row(what: &str, Took { processor, clock }: Took) {
    let rate = f64::from(PACKETS) / processor;
    println!("| {what} | {rate:.0} | {processor:.3} | {clock:.3} |");
}

/// Opens packets; says how many.
type Open = fn(&Opener, &[&[u8]], &Bump) -> usize;

/// As it is done here.
fn side_by_side(opener: &Opener, packets: &[&[u8]], room: &Bump) -> usize {
    opener.open_in(packets, room).iter().flatten().count()
}

/// As it is done by whoever takes each packet through all steps before the next.
fn one_by_one(opener: &Opener, packets: &[&[u8]], _: &Bump) -> usize {
    packets.iter().filter(|packet| opener.open_any_padding(packet).is_ok()).count()
}

/// Reads the file and opens what is in it, with nothing else around: the bound of whoever decrypts.
fn open_alone(capture: &Path, open: Open) -> Result<(), Failure> {
    const HEADER: u64 = 24;
    const BEFORE: usize = 16 + 28;
    let opener = Opener::new(&keys(0x11)?);
    let mut file = File::open(capture)?;
    file.seek(SeekFrom::Start(HEADER))?;
    let mut piece = Vec::with_capacity(BATCH * (16 + FRAME));
    let (mut opened, mut room) = (0, Bump::new());
    while (&mut file).take((BATCH * (16 + FRAME)) as u64).read_to_end(&mut piece)? > 0 {
        let packets: Vec<&[u8]> = piece.chunks(16 + FRAME).filter_map(|chunk| chunk.get(BEFORE..)).collect();
        opened += open(&opener, &packets, &room);
        piece.clear();
        room.reset();
    }
    if opened != PACKETS as usize {
        return Err(format!("{opened} of {PACKETS} packets were opened").into());
    }
    Ok(())
}

fn keys(first: u8) -> Result<DirectionKeys, Failure> {
    let keys = DirectionKeys::new(SUITE, &[first; 20], Some(&[first + 1; 16]));
    keys.map_err(|error| error.to_string().into())
}

fn key_text(octet: u8, len: usize) -> String {
    hex::encode(&vec![octet; len])
}

fn sa_json() -> String {
    let keys = |first| {
        let (ikey, ekey) = (key_text(first, 20), key_text(first + 1, 16));
        format!(r#"{{"ikey": "{ikey}", "ekey": "{ekey}"}}"#)
    };
    let (suite, by_mn, by_ha) = (SUITE.name(), keys(0x11), keys(0x51));
    format!(
        r#"{{"associations": [{{"spi": {SPI}, "suite": "{suite}", "mn_to_ha": {by_mn}, "ha_to_mn": {by_ha}}}]}}"#
    )
}

fn write_capture(path: &PathBuf, sealer: &Sealer) -> Result<(), Failure> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    // pcap, little-endian, microseconds, raw IP.
    file.write_all(&[
        0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 101, 0, 0, 0,
    ])?;
    let inner = ip4(INNER, 1, [10, 0, 0, 1], [10, 0, 0, 2]);
    let inner = [inner.to_vec(), vec![0; INNER - inner.len()]].concat();
    let outer = ip4(FRAME, 17, [192, 0, 2, 1], [198, 51, 100, 1]);
    let spi = Spi::new(SPI).ok_or("an SPI of 28 bits")?;
    for first in (0..PACKETS).step_by(BATCH) {
        let batch: Vec<_> = (first..PACKETS.min(first + BATCH as u32))
            .map(|sequence| Outgoing {
                ptype: PType::PROTECTED,
                spi,
                sequence,
                next_header: IPV4,
                payload: &inner,
                iv: (u128::from(sequence) + 1)
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
                    .to_be_bytes(),
                extra_padding: 0,
            })
            .collect();
        for (sequence, packet) in (first..).zip(sealer.seal(&batch)) {
            let (seconds, microseconds) = (1_700_000_000 + sequence / 100_000, sequence % 100_000 * 10);
            for word in [seconds, microseconds, FRAME as u32, FRAME as u32] {
                file.write_all(&word.to_le_bytes())?;
            }
            file.write_all(&outer)?;
            for half in [40_000, PORT, 8 + packet.len() as u16, 0] {
                file.write_all(&half.to_be_bytes())?;
            }
            file.write_all(&packet)?;
        }
    }
    Ok(file.flush()?)
}

/// An IPv4 header with its checksum.
fn ip4(total: usize, protocol: u8, from: [u8; 4], to: [u8; 4]) -> [u8; 20] {
    let [high, low] = (total as u16).to_be_bytes();
    let mut header = [0x45, 0, high, low, 0, 0, 0, 0, 64, protocol, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    header[12..16].copy_from_slice(&from);
    header[16..].copy_from_slice(&to);
    let sum: u32 = header.chunks(2).map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]]))).sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    header[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    header
}
