import Testing
import WireCoding

struct DERReaderTests {
  static func refusal(of bytes: [UInt8]) -> CodingFailure.Kind? {
    var reader = DERReader(bytes)
    do throws(CodingFailure) {
      _ = try reader.read()
      return nil
    } catch {
      return error.kind
    }
  }

  @Test(
    arguments: [
      ([0x05, 0x00], []), ([0x04, 0x02, 0xaa, 0xbb], [0xaa, 0xbb]), ([0xa0, 0x01, 0x00], [0]),
      ([0x9e, 0x01, 0x07], [7]),
    ] as [([UInt8], [UInt8])])
  func anElementIsTagLengthAndContents(bytes: [UInt8], contents: [UInt8]) throws {
    // As a slice with something in front and behind.
    let all = [0xee] + bytes + [0xdd]
    var reader = DERReader(all[1...])
    #expect(reader.nextTag == bytes[0])
    let value = try reader.read()
    #expect(value.tag == bytes[0])
    #expect(value.contents.elementsEqual(contents))
    #expect(value.encoding.elementsEqual(bytes))
    #expect(value.octets() == contents)
    #expect(reader.nextTag == 0xdd)
    #expect(!reader.isAtEnd)
  }

  @Test(arguments: [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x1_0000])
  func everyLengthGoesBothWays(count: Int) throws {
    let contents = [UInt8](repeating: 0xab, count: count)
    let encoding = DER.encode(DERTag.octetString, contents)
    let header = encoding.count - count
    #expect(header == (count < 0x80 ? 2 : count < 0x100 ? 3 : count < 0x1_0000 ? 4 : 5))
    var reader = DERReader(encoding)
    #expect(try reader.read(DERTag.octetString).octets() == contents)
    try reader.finish()
    // One byte short.
    #expect(Self.refusal(of: encoding.dropLast()) == .der)
  }

  static let malformed: [(name: String, bytes: [UInt8])] = [
    ("nothing", []), ("no length", [0x30]),
    ("length over what is left", [0x04, 0x02, 0xaa]),
    ("indefinite length", [0x30, 0x80, 0x05, 0x00, 0x00, 0x00]),
    ("reserved length octet", [0x04, 0xff, 0x00]),
    ("long form for a short length", [0x04, 0x81, 0x01, 0xaa]),
    ("long form for 127 bytes", [0x04, 0x81, 0x7f] + [UInt8](repeating: 0, count: 127)),
    ("leading zero in the length", [0x04, 0x82, 0x00, 0x80] + [UInt8](repeating: 0, count: 128)),
    ("length cut short", [0x04, 0x82, 0x01]), ("length without its bytes", [0x04, 0x84]),
    ("two gigabytes declared", [0x04, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x00]),
    ("four gigabytes declared", [0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0x00]),
    ("length of five bytes", [0x04, 0x85, 0x01, 0, 0, 0, 0, 0x00]),
    ("length of eight bytes", [0x04, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00]),
    ("length of 126 bytes", [0x04, 0xfe] + [UInt8](repeating: 0xff, count: 126)),
    ("high tag number", [0x1f, 0x01, 0x00]), ("high context tag number", [0xbf, 0x81, 0x01, 0x00]),
  ]

  @Test(arguments: malformed.indices)
  func whatIsNotDERIsRefused(index: Int) {
    let (name, bytes) = Self.malformed[index]
    #expect(Self.refusal(of: bytes) == .der, "\(name)")
  }

  @Test func anotherTagIsRefusedAndNothingIsConsumed() throws {
    var reader = DERReader([0x04, 0x00])
    let failure = #expect(throws: CodingFailure.self) { try reader.read(DERTag.sequence) }
    #expect(failure?.kind == .der)
    #expect(try reader.readIfPresent(DERTag.sequence) == nil)
    #expect(try reader.readIfPresent(DERTag.octetString) != nil)
    #expect(try reader.readIfPresent(DERTag.octetString) == nil)
    let missing = #expect(throws: CodingFailure.self) { try reader.read(DERTag.octetString) }
    #expect(missing?.kind == .der)
    #expect(reader.nextTag == nil)
  }

  @Test func aPresentElementMustBeWhole() {
    var reader = DERReader([0x04, 0x02, 0x00])
    let failure = #expect(throws: CodingFailure.self) { try reader.readIfPresent(DERTag.octetString) }
    #expect(failure?.kind == .der)
  }

  @Test func aSequenceIsReadToItsEnd() throws {
    let bytes: [UInt8] = [0x30, 0x04, 0x05, 0x00, 0x05, 0x00]
    let count = try DER.sequence(bytes) { (fields) throws(CodingFailure) in
      var count = 0
      while !fields.isAtEnd {
        _ = try fields.read(DERTag.null)
        count += 1
      }
      return count
    }
    #expect(count == 2)
  }

  @Test(
    arguments: [
      // Left over inside, left over behind, not a sequence, nothing.
      [0x30, 0x04, 0x05, 0x00, 0x05, 0x00], [0x30, 0x02, 0x05, 0x00, 0x00], [0x31, 0x02, 0x05, 0x00], [],
    ] as [[UInt8]])
  func leftoversOfASequenceAreRefused(bytes: [UInt8]) throws {
    func readOne(_ bytes: [UInt8]) throws(CodingFailure) {
      try DER.sequence(bytes) { (fields) throws(CodingFailure) in _ = try fields.read(DERTag.null) }
    }
    try readOne([0x30, 0x02, 0x05, 0x00])
    let failure = #expect(throws: CodingFailure.self) { try readOne(bytes) }
    #expect(failure?.kind == .der)
  }

  @Test func contextTagsAreNumbered() {
    #expect(DERTag.context(0, constructed: true) == 0xa0)
    #expect(DERTag.context(3, constructed: true) == 0xa3)
    #expect(DERTag.context(0, constructed: false) == 0x80)
    #expect(DERTag.context(30, constructed: false) == 0x9e)
  }

  /// Depth takes no stack: each level is a slice of the same bytes.
  @Test func tenThousandLevelsAreWalked() throws {
    var backwards: [UInt8] = []
    for _ in 0..<10_000 {
      let length = backwards.count
      let octets = (0..<2).map { UInt8(length >> (8 * $0) & 0xff) }
      switch length {
      case 0..<0x80: backwards += [octets[0], DERTag.sequence]
      case 0..<0x100: backwards += [octets[0], 0x81, DERTag.sequence]
      default: backwards += [octets[0], octets[1], 0x82, DERTag.sequence]
      }
    }
    let bytes = Array(backwards.reversed())
    var reader = DERReader(bytes)
    var depth = 0
    while !reader.isAtEnd {
      reader = try reader.read(DERTag.sequence).reader
      depth += 1
    }
    #expect(depth == 10_000)
  }
}
