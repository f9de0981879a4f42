import Testing
import WireCoding

struct TLSReaderTests {
  @Test func numbersAreBigEndian() throws {
    var reader = TLSReader([1, 2, 3, 4, 5, 6, 0xff, 7, 8, 9, 10, 11, 12, 13])
    #expect(!reader.isAtEnd)
    #expect(try reader.uint8() == 1)
    #expect(try reader.uint16() == 0x0203)
    #expect(try reader.uint24() == 0x040506)
    #expect(try reader.uint64() == 0xff07_0809_0a0b_0c0d)
    #expect(reader.isAtEnd)
    try reader.finish()
  }

  @Test func vectorsAreSlices() throws {
    var reader = TLSReader([9, 0, 2, 0xaa, 0xbb, 0, 0, 7][1...])
    #expect(try reader.opaque16() == [0xaa, 0xbb])
    #expect(try reader.opaque16() == [])
    #expect(try reader.bytes(0) == [])
    #expect(try reader.bytes(1) == [7])
    try reader.finish()
  }

  static let truncated:
    [(name: String, bytes: [UInt8], read: @Sendable (inout TLSReader) throws(CodingFailure) -> Void)] = [
      ("uint8", [], { (reader) throws(CodingFailure) in _ = try reader.uint8() }),
      ("uint16", [1], { (reader) throws(CodingFailure) in _ = try reader.uint16() }),
      ("uint24", [1, 2], { (reader) throws(CodingFailure) in _ = try reader.uint24() }),
      ("uint64", [1, 2, 3, 4, 5, 6, 7], { (reader) throws(CodingFailure) in _ = try reader.uint64() }),
      ("opaque16 without length", [0], { (reader) throws(CodingFailure) in _ = try reader.opaque16() }),
      ("opaque16 one short", [0, 3, 1, 2], { (reader) throws(CodingFailure) in _ = try reader.opaque16() }),
      ("opaque16 of 65535", [0xff, 0xff, 1], { (reader) throws(CodingFailure) in _ = try reader.opaque16() }),
      ("bytes", [1, 2], { (reader) throws(CodingFailure) in _ = try reader.bytes(3) }),
      ("a huge count", [1, 2], { (reader) throws(CodingFailure) in _ = try reader.bytes(.max) }),
      ("a negative count", [1, 2], { (reader) throws(CodingFailure) in _ = try reader.bytes(-1) }),
    ]

  @Test(arguments: truncated.indices)
  func whatIsCutShortIsRefused(index: Int) {
    let (name, bytes, read) = Self.truncated[index]
    var reader = TLSReader(bytes)
    let failure = #expect(throws: CodingFailure.self, "\(name)") { try read(&reader) }
    #expect(failure?.kind == .tls)
  }

  @Test func leftoversAreRefused() throws {
    var reader = TLSReader([1, 2])
    _ = try reader.uint8()
    let failure = #expect(throws: CodingFailure.self) { try reader.finish() }
    #expect(failure?.kind == .tls)
  }
}
