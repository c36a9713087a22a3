-- Wireshark dissector for RFC 6618: the UDP encapsulation between MN and HA (section 6) as "mip6tls", and the
-- containers with TV-headers between MN and HAC inside TLS (sections 5.1 and 5.2) as "mip6hac".
-- How to load it and which fields there are: README.md beside this file.

---------------------------------------------------------------- section 6: UDP encapsulation

local mip6tls = Proto("mip6tls", "TLS-based Mobile IPv6 security, encapsulated packet")

local PLAIN, PROTECTED, MOBILITY = 0, 1, 8
local ptypes = {
    [PLAIN] = "IP packet in clear",
    [PROTECTED] = "protected IP packet",
    [MOBILITY] = "Mobility Header",
}

local HEADER_OCTETS = 8 -- PType and SPI, Sequence Number
local ICV_OCTETS = 12 -- the same for all five ciphersuites

local packet = {
    ptype = ProtoField.uint32("mip6tls.ptype", "PType", base.DEC, ptypes, 0xF0000000),
    spi = ProtoField.uint32("mip6tls.spi", "SPI", base.HEX_DEC, nil, 0x0FFFFFFF),
    seq = ProtoField.uint32("mip6tls.seq", "Sequence Number", base.DEC),
    iv = ProtoField.bytes("mip6tls.iv", "IV"),
    ciphertext = ProtoField.bytes("mip6tls.ciphertext", "Payload Data, Padding, Pad Length, Next Header"),
    icv = ProtoField.bytes("mip6tls.icv", "ICV"),
}
mip6tls.fields = packet

local function wrong(abbr, text)
    return ProtoExpert.new(abbr, text, expert.group.PROTOCOL, expert.severity.ERROR)
end

local packet_faults = {
    short = wrong("mip6tls.fault.short", "Too short for PType, SPI, Sequence Number and what the PType needs"),
    unknown_ptype = wrong("mip6tls.fault.ptype", "PType is not 0, 1 or 8 (6.2)"),
    plain_with_spi = wrong("mip6tls.fault.plain_spi", "PType 0 wants SPI 0 (6.4)"),
    plain_with_seq = wrong("mip6tls.fault.plain_seq", "PType 0 wants Sequence Number 0 (6.4)"),
    protected_without_spi = wrong("mip6tls.fault.no_spi", "A protected packet wants an SPI other than 0 (6.2)"),
    no_inner = wrong("mip6tls.fault.inner", "PType 0 wants an IPv4 or IPv6 packet inside (6.4)"),
}
mip6tls.experts = packet_faults

mip6tls.prefs.port = Pref.uint("UDP port", 7872, "The Mobile IPv6 service port; 0 for none")
local iv_octets = { { 1, "none (NULL)", 0 }, { 2, "8 (3DES)", 8 }, { 3, "16 (AES)", 16 } }
mip6tls.prefs.iv = Pref.enum("IV octets", 16, "Depends on the ciphersuite of the SA", iv_octets, false)
mip6tls.prefs.esp = Pref.bool("Hand protected packets to ESP", false,
    "They are laid out as ESP in UDP: with ESP SAs in the preferences, ICVs are checked and payloads decrypted")

local inner_dissectors = { [4] = Dissector.get("ip"), [6] = Dissector.get("ipv6") }
local esp = Dissector.get("esp")

local function dissect_plain(rest, pinfo, tree, root)
    local inner = rest:len() > 0 and inner_dissectors[rest(0, 1):bitfield(0, 4)]
    if inner then
        inner:call(rest:tvb(), pinfo, root)
    else
        tree:add_proto_expert_info(packet_faults.no_inner)
    end
end

local function dissect_protected(buffer, pinfo, tree, root)
    local iv = mip6tls.prefs.iv
    local ciphertext = buffer:len() - HEADER_OCTETS - iv - ICV_OCTETS
    if ciphertext <= 0 then
        tree:add_proto_expert_info(packet_faults.short)
        return
    end
    if iv > 0 then
        tree:add(packet.iv, buffer(HEADER_OCTETS, iv))
    end
    tree:add(packet.ciphertext, buffer(HEADER_OCTETS + iv, ciphertext))
    tree:add(packet.icv, buffer(HEADER_OCTETS + iv + ciphertext, ICV_OCTETS))
    if mip6tls.prefs.esp then
        esp:call(buffer, pinfo, root)
    end
end

local function judge_packet(tree, ptype, spi, seq)
    if ptypes[ptype] == nil then
        tree:add_proto_expert_info(packet_faults.unknown_ptype)
    elseif ptype ~= PLAIN and spi == 0 then
        tree:add_proto_expert_info(packet_faults.protected_without_spi)
    end
    if ptype == PLAIN and spi ~= 0 then
        tree:add_proto_expert_info(packet_faults.plain_with_spi)
    end
    if ptype == PLAIN and seq ~= 0 then
        tree:add_proto_expert_info(packet_faults.plain_with_seq)
    end
end

function mip6tls.dissector(buffer, pinfo, root)
    pinfo.cols.protocol = "MIP6-TLS"
    local tree = root:add(mip6tls, buffer())
    if buffer:len() < HEADER_OCTETS then
        tree:add_proto_expert_info(packet_faults.short)
        return buffer:len()
    end
    local ptype, spi = buffer(0, 1):bitfield(0, 4), buffer(0, 4):bitfield(4, 28)
    local seq = buffer(4, 4):uint()
    tree:add(packet.ptype, buffer(0, 4))
    tree:add(packet.spi, buffer(0, 4))
    tree:add(packet.seq, buffer(4, 4))
    local story = string.format("%s, SPI 0x%07x, seq %u", ptypes[ptype] or "PType " .. ptype, spi, seq)
    tree:append_text(", " .. story)
    pinfo.cols.info = story
    judge_packet(tree, ptype, spi, seq)
    if ptype == PLAIN then
        dissect_plain(buffer(HEADER_OCTETS), pinfo, tree, root)
    elseif ptypes[ptype] then
        dissect_protected(buffer, pinfo, tree, root)
    end
    return buffer:len()
end

---------------------------------------------------------------- section 5: containers inside TLS

local mip6hac = Proto("mip6hac", "TLS-based Mobile IPv6 security, MN-HAC message")

local CONTAINER_OCTETS = 4 -- Ver and Rsrvd, Identifier, Length

local container = {
    ver = ProtoField.uint8("mip6hac.ver", "Ver", base.DEC, nil, 0xE0),
    rsrvd = ProtoField.uint8("mip6hac.rsrvd", "Rsrvd", base.DEC, nil, 0x1F),
    identifier = ProtoField.uint8("mip6hac.identifier", "Identifier", base.DEC),
    length = ProtoField.uint16("mip6hac.length", "Length", base.DEC),
    header = ProtoField.string("mip6hac.header", "TV-header"),
    name = ProtoField.string("mip6hac.name", "Name"),
    value = ProtoField.string("mip6hac.value", "Value"),
    status = ProtoField.uint32("mip6hac.status", "Status", base.DEC),
}
mip6hac.fields = container

local container_faults = {
    ver = wrong("mip6hac.fault.ver", "Ver is not 0 (5.1)"),
    rsrvd = wrong("mip6hac.fault.rsrvd", "Rsrvd is not 0 (5.1)"),
    identifier = wrong("mip6hac.fault.identifier", "The Identifier 0 is not allowed (5.1)"),
    empty = wrong("mip6hac.fault.empty", "The Length is at least 1 (5.1)"),
    line = wrong("mip6hac.fault.line", "Not a TV-header: name, colon, value, CRLF (5.2)"),
    after_end = wrong("mip6hac.fault.after_end", "A TV-header after the empty line that ends the message (5.5.7)"),
    after_auth = wrong("mip6hac.fault.after_auth", "A TV-header after auth, which is the last one (5.5.5)"),
}
mip6hac.experts = container_faults

mip6hac.prefs.port = Pref.uint("TCP port with TLS", 0, "Where the HAC listens; no port is assigned, so 0 for none")

-- What a message has shown so far.
local function nothing_seen()
    return { names = {}, status = nil, auth = false, finished = false }
end

local function dissect_header(line, tree, seen)
    local item = tree:add(container.header, line)
    -- Octets, not characters: peers may send anything, and offsets have to stay right.
    local octets = line:raw()
    local colon = octets:find(":", 1, true)
    if not colon or colon == 1 then
        item:add_proto_expert_info(container_faults.line)
        return
    end
    local name = line(0, colon - 1):string()
    item:add(container.name, line(0, colon - 1))
    if line:len() > colon then
        item:add(container.value, line(colon))
    end
    if seen.auth then
        item:add_proto_expert_info(container_faults.after_auth)
    end
    if seen.finished then
        item:add_proto_expert_info(container_faults.after_end)
    end
    table.insert(seen.names, name)
    seen.auth = seen.auth or name:lower() == "auth"
    local digits = name:lower() == "status-code" and octets:match("^%s*(%d%d%d)%s*$", colon + 1)
    if digits then
        seen.status = tonumber(digits)
        item:add(container.status, line(colon), seen.status)
    end
end

-- Lines end in CRLF; an empty one ends the message (5.5.7), and what has no CRLF is no line.
local function dissect_content(content, tree)
    local seen = nothing_seen()
    local octets = content:raw()
    local from = 0
    while from < #octets do
        local crlf = octets:find("\r\n", from + 1, true)
        if not crlf then
            tree:add(container.header, content(from)):add_proto_expert_info(container_faults.line)
            return seen
        end
        local length = crlf - 1 - from
        if length == 0 then
            seen.finished = true
        else
            dissect_header(content(from, length), tree, seen)
        end
        from = crlf + 1
    end
    return seen
end

local function judge_container(tree, buffer)
    if buffer(0, 1):bitfield(0, 3) ~= 0 then
        tree:add_proto_expert_info(container_faults.ver)
    end
    if buffer(0, 1):bitfield(3, 5) ~= 0 then
        tree:add_proto_expert_info(container_faults.rsrvd)
    end
    if buffer(1, 1):uint() == 0 then
        tree:add_proto_expert_info(container_faults.identifier)
    end
    if buffer(2, 2):uint() == 0 then
        tree:add_proto_expert_info(container_faults.empty)
    end
end

-- Only the port tells requests from responses; nothing in the container does.
local function direction(pinfo)
    if pinfo.dst_port == mip6hac.prefs.port then
        return "Request"
    elseif pinfo.src_port == mip6hac.prefs.port then
        return "Response"
    end
    return "Message"
end

local function dissect_container(buffer, pinfo, root)
    local tree = root:add(mip6hac, buffer())
    tree:add(container.ver, buffer(0, 1))
    tree:add(container.rsrvd, buffer(0, 1))
    tree:add(container.identifier, buffer(1, 1))
    tree:add(container.length, buffer(2, 2))
    judge_container(tree, buffer)
    local seen = nothing_seen()
    if buffer:len() > CONTAINER_OCTETS then
        seen = dissect_content(buffer(CONTAINER_OCTETS), tree)
    end
    local story = string.format("%s %u", direction(pinfo), buffer(1, 1):uint())
    if seen.status then
        story = story .. string.format(", status %u", seen.status)
    end
    tree:append_text(", " .. story)
    pinfo.cols.protocol = "MIP6-HAC"
    pinfo.cols.info = story .. ": " .. table.concat(seen.names, ", ")
    return buffer:len()
end

local function container_length(buffer, _, offset)
    return CONTAINER_OCTETS + buffer(offset + 2, 2):uint()
end

function mip6hac.dissector(buffer, pinfo, root)
    dissect_tcp_pdus(buffer, root, CONTAINER_OCTETS, container_length, dissect_container)
    return buffer:len()
end

---------------------------------------------------------------- ports

-- Listens at the port of a preference, and moves when the preference does.
local function follow_port(proto, tables)
    local at = 0
    local function move()
        for name, dissector in pairs(tables) do
            if at ~= 0 then
                DissectorTable.get(name):remove(at, dissector)
            end
            if proto.prefs.port ~= 0 then
                DissectorTable.get(name):add(proto.prefs.port, dissector)
            end
        end
        at = proto.prefs.port
    end
    move()
    proto.prefs_changed = move
end

follow_port(mip6tls, { ["udp.port"] = mip6tls })
follow_port(mip6hac, { ["tls.port"] = mip6hac, ["tcp.port"] = Dissector.get("tls") })
DissectorTable.get("udp.port"):add_for_decode_as(mip6tls)
DissectorTable.get("tcp.port"):add_for_decode_as(mip6hac)
