import Testing
import WireCoding

struct DERTypesTests {
  /// The one element of `bytes` with a header put in front.
  static func value(_ tag: UInt8, _ contents: [UInt8]) throws -> DERValue {
    var reader = DERReader(DER.encode(tag, contents))
    return try reader.read(tag)
  }

  // MARK: Object identifiers

  @Test(
    arguments: [
      ("1.2.840.113549.1.7.2", [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02]),
      ("2.5.29.17", [0x55, 0x1d, 0x11]), ("1.3.6.1.4.1.57264.1.8", [0x2b, 6, 1, 4, 1, 0x83, 0xbf, 0x30, 1, 8]),
      ("0.0", [0]), ("0.39", [39]), ("1.0", [40]), ("1.39", [79]), ("2.0", [80]), ("2.999.3", [0x88, 0x37, 3]),
      ("1.2.0", [0x2a, 0]), ("1.2.128", [0x2a, 0x81, 0x00]),
      ("1.2.18446744073709551615", [0x2a, 0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
      ("2.18446744073709551535", [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
    ] as [(String, [UInt8])])
  func objectIdentifiersAreDotted(text: String, contents: [UInt8]) throws {
    #expect(try Self.value(DERTag.objectIdentifier, contents).objectIdentifier() == text)
  }

  @Test(
    arguments: [
      // Empty, cut short, leading zeros, an arc of 65 bits, a longer one.
      [], [0x80], [0x2a, 0x86], [0x80, 0x2a], [0x2a, 0x80, 0x01], [0x2a, 0x80], [0x2a, 0x01, 0x80, 0x00],
      [0x2a, 0x82, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
      [0x2a] + [UInt8](repeating: 0xff, count: 1000) + [0x7f],
    ] as [[UInt8]])
  func malformedObjectIdentifiersAreRefused(contents: [UInt8]) throws {
    let value = try Self.value(DERTag.objectIdentifier, contents)
    let failure = #expect(throws: CodingFailure.self) { try value.objectIdentifier() }
    #expect(failure?.kind == .der)
  }

  @Test func anObjectIdentifierHas64Arcs() throws {
    let most = try Self.value(DERTag.objectIdentifier, [UInt8](repeating: 1, count: 63))
    #expect(try most.objectIdentifier().split(separator: ".").count == 64)
    let more = try Self.value(DERTag.objectIdentifier, [UInt8](repeating: 1, count: 64))
    let failure = #expect(throws: CodingFailure.self) { try more.objectIdentifier() }
    #expect(failure?.kind == .der)
  }

  // MARK: Booleans and integers

  @Test func booleansAreZeroOrAllOnes() throws {
    #expect(try Self.value(DERTag.boolean, [0x00]).boolean() == false)
    #expect(try Self.value(DERTag.boolean, [0xff]).boolean() == true)
    for contents in [[], [0x01], [0x7f], [0xfe], [0x00, 0x00], [0xff, 0xff]] as [[UInt8]] {
      let value = try Self.value(DERTag.boolean, contents)
      let failure = #expect(throws: CodingFailure.self, "\(contents)") { try value.boolean() }
      #expect(failure?.kind == .der)
    }
  }

  @Test(
    arguments: [
      ([0], 0), ([1], 1), ([0x7f], 127), ([0, 0x80], 128), ([0xff], -1), ([0x80], -128), ([0xff, 0x7f], -129),
      ([0x01, 0x00], 256), ([0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .max),
      ([0x80, 0, 0, 0, 0, 0, 0, 0], .min),
    ] as [([UInt8], Int64)])
  func smallIntegersAreTwosComplement(contents: [UInt8], number: Int64) throws {
    #expect(try Self.value(DERTag.integer, contents).smallInteger() == number)
  }

  @Test(arguments: [[], [0, 0], [0, 0x7f], [0xff, 0xff], [0xff, 0x80], [0, 0, 0x80]] as [[UInt8]])
  func integersNotInShortestFormAreRefused(contents: [UInt8]) throws {
    let value = try Self.value(DERTag.integer, contents)
    let small = #expect(throws: CodingFailure.self) { try value.smallInteger() }
    #expect(small?.kind == .der)
    let unsigned = #expect(throws: CodingFailure.self) { try value.unsignedIntegerBytes() }
    #expect(unsigned?.kind == .der)
  }

  @Test func integersOver64BitsAreOutOfRange() throws {
    for first in [0x00, 0x01, 0xfe] as [UInt8] {
      let value = try Self.value(DERTag.integer, [first] + [UInt8](repeating: 0x80, count: 8))
      let failure = #expect(throws: CodingFailure.self) { try value.smallInteger() }
      #expect(failure?.kind == .numberRange)
    }
  }

  @Test func unsignedIntegersLoseTheirSignByte() throws {
    #expect(try Self.value(DERTag.integer, [0]).unsignedIntegerBytes() == [0])
    #expect(try Self.value(DERTag.integer, [0x7f]).unsignedIntegerBytes() == [0x7f])
    #expect(try Self.value(DERTag.integer, [0, 0x80]).unsignedIntegerBytes() == [0x80])
    let long = [0x01] + [UInt8](repeating: 0xcd, count: 40)
    #expect(try Self.value(DERTag.integer, long).unsignedIntegerBytes() == long)
    let negative = try Self.value(DERTag.integer, [0x80, 0x01])
    let failure = #expect(throws: CodingFailure.self) { try negative.unsignedIntegerBytes() }
    #expect(failure?.kind == .der)
  }

  // MARK: Bit strings

  @Test func bitStringsOfWholeBytesAreRead() throws {
    #expect(try Self.value(DERTag.bitString, [0]).bitStringOctets() == [])
    #expect(try Self.value(DERTag.bitString, [0, 0xab, 0x00]).bitStringOctets() == [0xab, 0x00])
    for contents in [[], [1], [1, 0x80], [7, 0x80], [8, 0x80], [0xff, 0]] as [[UInt8]] {
      let value = try Self.value(DERTag.bitString, contents)
      let failure = #expect(throws: CodingFailure.self, "\(contents)") { try value.bitStringOctets() }
      #expect(failure?.kind == .der)
    }
  }

  @Test(
    arguments: [
      ([0], []), ([7, 0x80], [0]), ([5, 0xa0], [0, 2]), ([1, 0x06], [5, 6]), ([0, 0x01], [7]), ([7, 0x00, 0x80], [8]),
      ([0, 0, 0, 0, 0, 0, 0, 0, 1], [63]),
    ] as [([UInt8], [Int])])
  func namedBitsAreCountedFromTheFirst(contents: [UInt8], set: [Int]) throws {
    let bits = try Self.value(DERTag.bitString, contents).namedBits()
    #expect(bits.indices.filter { bits[$0] } == set)
    #expect(bits.last != false)
  }

  @Test(
    arguments: [
      // No first byte, a count of eight, unused bits of nothing, unused bits set, zero bits at the end, too long.
      [], [8, 0x80], [0xff, 0x80], [1], [7], [7, 0xc0], [6, 0x41], [0, 0x80], [6, 0x80], [0, 0x00], [7, 0x00],
      [0, 0x80, 0x00], [0] + [UInt8](repeating: 0xff, count: 9),
    ] as [[UInt8]])
  func namedBitsNotInShortestFormAreRefused(contents: [UInt8]) throws {
    let value = try Self.value(DERTag.bitString, contents)
    let failure = #expect(throws: CodingFailure.self) { try value.namedBits() }
    #expect(failure?.kind == .der)
  }

  // MARK: Text

  @Test func utf8IsValid() throws {
    #expect(try Self.value(DERTag.utf8String, []).utf8() == "")
    #expect(try Self.value(DERTag.utf8String, Array("h\u{e9}\u{1f600}".utf8)).utf8() == "h\u{e9}\u{1f600}")
    for contents in InvalidText.utf8 {
      let value = try Self.value(DERTag.utf8String, contents)
      let failure = #expect(throws: CodingFailure.self, "\(contents)") { try value.utf8() }
      #expect(failure?.kind == .text)
    }
  }

  @Test func ia5HasSevenBits() throws {
    #expect(try Self.value(DERTag.ia5String, Array("a@b\u{7f}".utf8)).ia5() == "a@b\u{7f}")
    for byte in UInt8(0x80)...0xff {
      let value = try Self.value(DERTag.ia5String, [0x61, byte])
      let failure = #expect(throws: CodingFailure.self) { try value.ia5() }
      #expect(failure?.kind == .text)
    }
  }

  // MARK: Times

  static let (utc, generalized) = (DERTag.utcTime, DERTag.generalizedTime)

  @Test(arguments: [
    (utc, "240319172626Z", "2024-03-19T17:26:26Z"), (utc, "491231235959Z", "2049-12-31T23:59:59Z"),
    (utc, "500101000000Z", "1950-01-01T00:00:00Z"), (utc, "000229000000Z", "2000-02-29T00:00:00Z"),
    (utc, "991231235959Z", "1999-12-31T23:59:59Z"), (generalized, "20240319172626Z", "2024-03-19T17:26:26Z"),
    (generalized, "20500101000000Z", "2050-01-01T00:00:00Z"), (generalized, "99991231235959Z", "9999-12-31T23:59:59Z"),
  ])
  func timesAreRead(tag: UInt8, text: String, expected: String) throws {
    let value = try Self.value(tag, Array(text.utf8))
    #expect(try value.time().rfc3339 == expected)
    #expect(try value.time(allowingFraction: true).rfc3339 == expected)
  }

  @Test func fractionsAreReadWhereTheyAreAllowed() throws {
    for (digits, nanoseconds) in [("1", 100_000_000), ("001", 1_000_000), ("123456789", 123_456_789)]
      as [(String, UInt32)]
    {
      let value = try Self.value(Self.generalized, Array("20240319172626.\(digits)Z".utf8))
      #expect(try value.time(allowingFraction: true) == UnixTime(seconds: 1_710_869_186, nanoseconds: nanoseconds))
      let failure = #expect(throws: CodingFailure.self) { try value.time() }
      #expect(failure?.kind == .time)
    }
  }

  @Test(arguments: [
    (utc, ""), (utc, "Z"), (utc, "240319172626"), (utc, "2403191726Z"), (utc, "240319172626+0000"),
    (utc, "20240319172626Z"), (utc, "240319172626z"), (utc, "24031917262aZ"), (utc, "241319172626Z"),
    (utc, "240230172626Z"), (utc, "230229172626Z"), (utc, "240319242626Z"), (utc, "240319176026Z"),
    (utc, "161231235960Z"), (utc, "240319172626.5Z"), (utc, " 40319172626Z"), (utc, "+40319172626Z"),
    (generalized, ""), (generalized, "Z"), (generalized, ".Z"), (generalized, "240319172626Z"),
    (generalized, "20240319172626"), (generalized, "202403191726Z"), (generalized, "20240319172626+0000"),
    (generalized, "20240319172626.Z"), (generalized, "20240319172626.50Z"), (generalized, "20240319172626.0Z"),
    (generalized, "20240319172626,5Z"), (generalized, "20240319172626.5"), (generalized, "20240319172626.5.5Z"),
    (generalized, "20240319172626.1234567891Z"), (generalized, "20240319172626.-5Z"), (generalized, "2024031917.5Z"),
    (generalized, "20240319172660Z"), (generalized, "20240019172626Z"), (generalized, "2024031917262\u{e9}Z"),
    (DERTag.octetString, "20240319172626Z"), (DERTag.octetString, "240319172626Z"),
  ])
  func whatIsNotATimeIsRefused(tag: UInt8, text: String) throws {
    let value = try Self.value(tag, Array(text.utf8))
    for allowingFraction in [false, true] {
      let failure = #expect(throws: CodingFailure.self) { try value.time(allowingFraction: allowingFraction) }
      #expect(failure?.kind == .time)
    }
  }
}

/// Bytes that are no UTF-8.
enum InvalidText {
  static let utf8: [[UInt8]] = [
    // A continuation alone, a lead alone, cut short.
    [0x80], [0xbf], [0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xc3, 0x41], [0x61, 0xff], [0xfe],
    // Overlong.
    [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xe0, 0x9f, 0xbf], [0xf0, 0x80, 0x80, 0x80],
    [0xf0, 0x8f, 0xbf, 0xbf],
    // Surrogates, one by one and as a pair.
    [0xed, 0xa0, 0x80], [0xed, 0xbf, 0xbf], [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80],
    // Beyond U+10FFFF.
    [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80],
  ]
}
