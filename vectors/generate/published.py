"""Values that RFCs and NIST have printed, retyped as facts.

Each line says where its values stand. The generator computes every one of them and stops
if a retyped value is wrong.
"""

SEQUENCE_20 = bytes(range(20)).hex()
SEQUENCE_16 = bytes(range(16)).hex()
LARGE_KEY_TEXT = b"Test Using Larger Than Block-Size Key - Hash Key First".hex()
LARGE_DATA_TEXT_2202 = b"Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data".hex()
LARGE_DATA_TEXT_4231 = (
    b"This is a test using a larger than block-size key and a larger than block-size data. "
    b"The key needs to be hashed before being used by the HMAC algorithm."
).hex()
JEFE = (b"Jefe".hex(), b"what do ya want for nothing?".hex())
COUNTING_KEY = bytes(range(1, 26)).hex()

# slug, source, key, message, MAC before truncation
HMAC_SHA1 = [
    ("rfc2202-1", "RFC 2202 section 3, test case 1", "0b" * 20, b"Hi There".hex(), "b617318655057264e28bc0b6fb378c8ef146be00"),
    ("rfc2202-2", "RFC 2202 section 3, test case 2", *JEFE, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"),
    ("rfc2202-3", "RFC 2202 section 3, test case 3", "aa" * 20, "dd" * 50, "125d7342b9ac11cd91a39af48aa17b4f63f175d3"),
    ("rfc2202-4", "RFC 2202 section 3, test case 4", COUNTING_KEY, "cd" * 50, "4c9007f4026250c6bc8414f9bf50c86c2d7235da"),
    ("rfc2202-5", "RFC 2202 section 3, test case 5", "0c" * 20, b"Test With Truncation".hex(), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04"),
    ("rfc2202-6", "RFC 2202 section 3, test case 6", "aa" * 80, LARGE_KEY_TEXT, "aa4ae5e15272d00e95705637ce8a3b55ed402112"),
    ("rfc2202-7", "RFC 2202 section 3, test case 7", "aa" * 80, LARGE_DATA_TEXT_2202, "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"),
]

HMAC_SHA256 = [
    ("rfc4231-1", "RFC 4231 section 4.2", "0b" * 20, b"Hi There".hex(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    ("rfc4231-2", "RFC 4231 section 4.3", *JEFE, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    ("rfc4231-3", "RFC 4231 section 4.4", "aa" * 20, "dd" * 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    ("rfc4231-4", "RFC 4231 section 4.5", COUNTING_KEY, "cd" * 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
    (
        "rfc4231-5",
        "RFC 4231 section 4.6, which prints the first 128 bits",
        "0c" * 20,
        b"Test With Truncation".hex(),
        "a3b6167473100ee06e0c796c2955552b",
    ),
    ("rfc4231-6", "RFC 4231 section 4.7", "aa" * 131, LARGE_KEY_TEXT, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
    (
        "rfc4231-7",
        "RFC 4231 section 4.8",
        "aa" * 131,
        LARGE_DATA_TEXT_4231,
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ),
]

XCBC = [
    ("rfc3566-1", "RFC 3566 section 4.6, test case 1", SEQUENCE_16, "", "75f0251d528ac01c4573dfd584d79f29"),
    ("rfc3566-2", "RFC 3566 section 4.6, test case 2", SEQUENCE_16, bytes(range(3)).hex(), "5b376580ae2f19afe7219ceef172756f"),
    ("rfc3566-3", "RFC 3566 section 4.6, test case 3", SEQUENCE_16, SEQUENCE_16, "d2a246fa349b68a79998a4394ff7a263"),
    ("rfc3566-4", "RFC 3566 section 4.6, test case 4", SEQUENCE_16, SEQUENCE_20, "47f51b4564966215b8985c63055ed308"),
    ("rfc3566-5", "RFC 3566 section 4.6, test case 5", SEQUENCE_16, bytes(range(32)).hex(), "f54f0ec8d2b9f3d36807734bd5283fd4"),
    ("rfc3566-6", "RFC 3566 section 4.6, test case 6", SEQUENCE_16, bytes(range(34)).hex(), "becbb3bccdb518a30677d5481fb6b4d8"),
    ("rfc3566-7", "RFC 3566 section 4.6, test case 7", SEQUENCE_16, "00" * 1000, "f0dafee895db30253761103b5d84528f"),
]

# slug, source, key, IV, plaintext, ciphertext
AES_CBC = [
    (
        "rfc3602-1",
        "RFC 3602 section 4, case 1",
        "06a9214036b8a15b512e03d534120006",
        "3dafba429d9eb430b422da802c9fac41",
        b"Single block msg".hex(),
        "e353779c1079aeb82708942dbe77181a",
    ),
    (
        "rfc3602-2",
        "RFC 3602 section 4, case 2",
        "c286696d887c9aa0611bbb3e2025a45a",
        "562e17996d093d28ddb3ba695a2e6f58",
        bytes(range(32)).hex(),
        "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1",
    ),
    (
        "rfc3602-3",
        "RFC 3602 section 4, case 3",
        "6c3ea0477630ce21a2ce334aa746c2cd",
        "c782dc4c098c66cbd9cd27d825682c81",
        b"This is a 48-byte message (exactly 3 AES blocks)".hex(),
        "d0a02b3836451753d493665d33f0e8862dea54cdb293abc7506939276772f8d5021c19216bad525c8579695d83ba2684",
    ),
    (
        "rfc3602-4",
        "RFC 3602 section 4, case 4",
        "56e47a38c5598974bc46903dba290349",
        "8ce82eefbea0da3c44699ed7db51b7d9",
        bytes(range(0xA0, 0xE0)).hex(),
        "c30e32ffedc0774e6aff6af0869f71aa0f3af07a9a31a9c684db207eb0ef8e4e35907aa632c3ffdf868bb7b29d3d46ad83ce9f9a102ee99d49a53e87f4c3da55",
    ),
    (
        "cavp-mmt-encrypt-0",
        "NIST CAVP CBCMMT128, encrypt, count 0",
        "1f8e4973953f3fb0bd6b16662e9a3c17",
        "2fe2b333ceda8f98f4a99b40d2cd34a8",
        "45cf12964fc824ab76616ae2f4bf0822",
        "0f61c4d44c5147c03c195ad7e2cc12b2",
    ),
    (
        "cavp-mmt-encrypt-1",
        "NIST CAVP CBCMMT128, encrypt, count 1",
        "0700d603a1c514e46b6191ba430a3a0c",
        "aad1583cd91365e3bb2f0c3430d065bb",
        "068b25c7bfb1f8bdd4cfc908f69dffc5ddc726a197f0e5f720f730393279be91",
        "c4dc61d9725967a3020104a9738f23868527ce839aab1752fd8bdb95a82c4d00",
    ),
    (
        "cavp-mmt-decrypt-0",
        "NIST CAVP CBCMMT128, decrypt, count 0",
        "6a7082cf8cda13eff48c8158dda206ae",
        "bd4172934078c2011cb1f31cffaf486e",
        "940bc76d61e2c49dddd5df7f37fcf105",
        "f8eb31b31e374e960030cd1cadb0ef0c",
    ),
    (
        "cavp-mmt-decrypt-1",
        "NIST CAVP CBCMMT128, decrypt, count 1",
        "625eefa18a4756454e218d8bfed56e36",
        "73d9d0e27c2ec568fbc11f6a0998d7c8",
        "360dc1896ce601dfb2a949250067aad96737847a4580ede2654a329b842fe81e",
        "5d6fed86f0c4fe59a078d6361a142812514b295dc62ff5d608a42ea37614e6a1",
    ),
]

TDES_CBC = [
    (
        "cavp-mmt3-encrypt-0",
        "NIST CAVP TCBCMMT3, encrypt, count 0",
        "b5cb1504802326c73df186e3e352a20de643b0d63ee30e37",
        "43f791134c5647ba",
        "dcc153cef81d6f24",
        "92538bd8af18d3ba",
    ),
    (
        "cavp-mmt3-encrypt-1",
        "NIST CAVP TCBCMMT3, encrypt, count 1",
        "a49d7564199e97cb529d2c9d97bf2f98d35edf57ba1f7358",
        "c2e999cb6249023c",
        "c689aee38a301bb316da75db36f110b5",
        "e9afaba5ec75ea1bbe65506655bb4ecb",
    ),
    (
        "cavp-mmt3-encrypt-2",
        "NIST CAVP TCBCMMT3, encrypt, count 2",
        "1a5d4c0825072a15a8ad9dfdaeda8c048adffb85bc4fced0",
        "7fcfa736f7548b6f",
        "983c3edacd939406010e1bc6ff9e12320ac5008117fa8f84",
        "d84fa24f38cf451ca2c9adc960120bd8ff9871584fe31cee",
    ),
    (
        "cavp-mmt3-encrypt-3",
        "NIST CAVP TCBCMMT3, encrypt, count 3",
        "d98aadc76d4a3716158c32866efbb9ce834af2297379a49d",
        "3c5220327c502b44",
        "6174079dda53ca723ebf00a66837f8d5ce648c08acaa5ee45ffe62210ef79d3e",
        "f5bd4d600bed77bec78409e3530ebda1d815506ed53103015b87e371ae000958",
    ),
    (
        "cavp-mmt3-decrypt-0",
        "NIST CAVP TCBCMMT3, decrypt, count 0",
        "5eb6040d46082c7aa7d06dfd08dfeac8c18364c1548c3ba1",
        "41746c7e442d3681",
        "d4f00eb455de1034",
        "c53a7b0ec40600fe",
    ),
    (
        "cavp-mmt3-decrypt-1",
        "NIST CAVP TCBCMMT3, decrypt, count 1",
        "5b1cce7c0dc1ec49130dfb4af45785ab9179e567f2c7d549",
        "3982bc02c3727d45",
        "edae09288e9e3bc05746d872b48e3b29",
        "6006f10adef52991fcc777a1238bbb65",
    ),
    (
        "cavp-mmt3-decrypt-2",
        "NIST CAVP TCBCMMT3, decrypt, count 2",
        "254acb647907adba1ad5ef7a43e383cdcd588975759e5292",
        "5857f24bed725646",
        "64cc69a4f2b9877dad558bd7b5e6a78268e4978bb39845a1",
        "d4342af5c33adcd67c3e89e64241bbd8131e78ec38c8715c",
    ),
]
