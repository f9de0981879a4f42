import Testing
import WireCoding

struct Base64Tests {
  /// RFC 4648, 10, and texts that need the last two letters of the alphabet.
  static let vectors: [(bytes: [UInt8], text: String)] = [
    ([], ""), (Array("f".utf8), "Zg=="), (Array("fo".utf8), "Zm8="), (Array("foo".utf8), "Zm9v"),
    (Array("foob".utf8), "Zm9vYg=="), (Array("fooba".utf8), "Zm9vYmE="), (Array("foobar".utf8), "Zm9vYmFy"),
    ([0xfb, 0xff, 0xbf], "+/+/"), ([0xff, 0xff, 0xff], "////"), ([0, 0, 0], "AAAA"), ([0], "AA=="), ([0xff], "/w=="),
  ]

  @Test(arguments: vectors)
  func vectorsGoBothWays(bytes: [UInt8], text: String) throws {
    #expect(Base64.encode(bytes) == text)
    #expect(try Base64.decode(text) == bytes)
    #expect(try Base64.decode(Array(text.utf8)) == bytes)
    // A collection without contiguous storage.
    #expect(try Base64.decode(Array(text.utf8).lazy.map { $0 }) == bytes)
  }

  @Test(arguments: [
    // Length.
    "Z", "Zg", "Zg=", "Zm9vY", "Zm9vYg", "Zm9vYmE",
    // Padding in excess or in the wrong place.
    "=", "====", "Z===", "Zg===", "Zm9v====", "Zg==Zg==", "Zg=v", "=Zm8", "Zm8=Zm8=", "Zm9v=", "Z=g=",
    // White space.
    "Zm9v\n", "Zm9v YmFy", "\nZm9v", "Zm9v\nYmFy", "Zm9v\r\nYm", " Zm9", "Zg==\n\n\n\n",
    // The alphabet for URLs, and other bytes.
    "-_-_", "Zm9-", "Zm9_", "Zm9.", "Zm9,", "Zm9\0", "\u{e9}\u{e9}", "Zm9\u{7f}", "@@@@", "[[[[", "````", "{{{{",
    // Bits set that no byte takes up.
    "Zh==", "Zi==", "Zj==", "Zk==", "Zn==", "Zo==", "Zv==", "Zm9=", "Zm+=", "Zm/=", "//==", "///=", "AB==", "AAB=",
  ])
  func whatIsNotStrictIsRefused(text: String) {
    let failure = #expect(throws: CodingFailure.self) { try Base64.decode(text) }
    #expect(failure?.kind == .base64)
    #expect(throws: CodingFailure.self) { try Base64.decode(Array(text.utf8)) }
  }

  @Test func everyByteOutsideTheAlphabetIsRefusedInEveryPosition() {
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    for position in 0..<8 {
      var accepted: Set<UInt8> = []
      for byte in UInt8.min...UInt8.max {
        var text = Array("AAAAAAAA".utf8)
        text[position] = byte
        if (try? Base64.decode(text)) != nil { accepted.insert(byte) }
      }
      // A single equals sign at the end pads; elsewhere nothing but the alphabet will do.
      #expect(accepted == (position == 7 ? alphabet.union([0x3d]) : alphabet))
    }
  }

  @Test func whatIsEncodedDecodesToItself() throws {
    var generator = Generator(seed: 1)
    for count in 0..<300 {
      let bytes = generator.bytes(count)
      #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
    }
  }

  /// One byte string has one text: whatever is accepted is what the encoder would have written.
  @Test func whatDecodesEncodesToItself() throws {
    var generator = Generator(seed: 2)
    let letters = Array("AQgwx/+=".utf8)
    var accepted = 0
    for _ in 0..<20_000 {
      let text = (0..<8).map { _ in letters.randomElement(using: &generator) ?? 0 }
      guard let bytes = try? Base64.decode(text) else { continue }
      accepted += 1
      #expect(Base64.encode(bytes) == String(decoding: text, as: UTF8.self))
    }
    #expect(accepted > 1000)
  }
}
