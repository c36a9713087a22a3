//! A pcap file, written by hand: raw IPv4 packets with UDP or TCP inside.

/// A capture that grows by one packet at a time.
pub(crate) struct Capture {
    file: Vec<u8>,
    /// Each flow comes from a port of its own, all of them well away from the ports that tshark knows.
    client_port: u16,
}

/// Which way a segment goes: from the client, or to it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum From {
    Client,
    Server,
}

const LINKTYPE_RAW: u32 = 101;

impl Capture {
    pub(crate) fn new() -> Self {
        let mut file = 0xa1b2_c3d4_u32.to_le_bytes().to_vec();
        file.extend([2, 0, 4, 0]);
        file.extend([0; 8]);
        file.extend(65535_u32.to_le_bytes());
        file.extend(LINKTYPE_RAW.to_le_bytes());
        Self { file, client_port: 50618 }
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.file
    }

    /// A datagram from the client.
    pub(crate) fn udp(&mut self, to_port: u16, payload: &[u8]) {
        self.client_port += 1;
        let mut udp = [self.client_port, to_port, word(8 + payload.len()), 0].map(u16::to_be_bytes).concat();
        udp.extend(payload);
        self.ipv4(From::Client, 17, &udp);
    }

    /// One TCP connection: its opening, then these pieces in this order.
    pub(crate) fn tcp(&mut self, server_port: u16, pieces: &[(From, Vec<u8>)]) {
        const SYN: u8 = 2;
        const ACK: u8 = 16;
        self.client_port += 1;
        // The sequence numbers of the next octet from the client and from the server.
        let mut next = [0_u32, 0];
        self.segment(From::Client, server_port, [next[0], 0], SYN, &[]);
        next[0] += 1;
        self.segment(From::Server, server_port, [next[1], next[0]], SYN | ACK, &[]);
        next[1] += 1;
        self.segment(From::Client, server_port, next, ACK, &[]);
        for (from, piece) in pieces {
            for part in piece.chunks(1400) {
                let [own, other] = if *from == From::Client { [0, 1] } else { [1, 0] };
                self.segment(*from, server_port, [next[own], next[other]], ACK, part);
                next[own] += u32::try_from(part.len()).unwrap();
            }
        }
    }

    fn segment(&mut self, from: From, server_port: u16, [seq, ack]: [u32; 2], flags: u8, payload: &[u8]) {
        let ports = if from == From::Client {
            [self.client_port, server_port]
        } else {
            [server_port, self.client_port]
        };
        let mut tcp = ports.map(u16::to_be_bytes).concat();
        tcp.extend(seq.to_be_bytes());
        tcp.extend(ack.to_be_bytes());
        tcp.extend([5 << 4, flags, 255, 255, 0, 0, 0, 0]);
        tcp.extend(payload);
        self.ipv4(from, 6, &tcp);
    }

    fn ipv4(&mut self, from: From, protocol: u8, payload: &[u8]) {
        let length = word(20 + payload.len());
        let [client, server] = [[192, 0, 2, 1], [192, 0, 2, 2]];
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, protocol, 0, 0]);
        packet.extend(if from == From::Client { [client, server] } else { [server, client] }.concat());
        packet.extend(payload);
        self.file.extend([0; 8]);
        self.file.extend([u32::from(length); 2].map(u32::to_le_bytes).concat());
        self.file.extend(packet);
    }
}

fn word(length: usize) -> u16 {
    u16::try_from(length).expect("the packets of these tests are small")
}
