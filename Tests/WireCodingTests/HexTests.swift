import Testing
import WireCoding

struct HexTests {
  @Test(
    arguments: [
      ("", []), ("00", [0]), ("ff", [0xff]), ("FF", [0xff]), ("aBcDeF", [0xab, 0xcd, 0xef]),
      ("0123456789", [0x01, 0x23, 0x45, 0x67, 0x89]),
    ] as [(String, [UInt8])])
  func bothCasesAreRead(text: String, bytes: [UInt8]) throws {
    #expect(try Hex.decode(text) == bytes)
    #expect(Hex.encode(bytes) == text.lowercased())
  }

  @Test(arguments: [
    "0", "abc", "0x00", "gg", "0g", "g0", " 00", "00 ", "0 0", "00\n0", "+1", "-1", "/0", ":0", "@0", "G0", "`0",
    "\u{ff11}0", "\u{e9}",
  ])
  func whatIsNotHexIsRefused(text: String) {
    let failure = #expect(throws: CodingFailure.self) { try Hex.decode(text) }
    #expect(failure?.kind == .hex)
  }

  @Test func everyByteGoesBothWaysInLowerCase() throws {
    let bytes = Array(UInt8.min...UInt8.max)
    let text = Hex.encode(bytes)
    #expect(text == text.lowercased())
    #expect(try Hex.decode(text) == bytes)
    #expect(try Hex.decode(text.uppercased()) == bytes)
    #expect(Hex.encode(bytes[0x10...0x11]) == "1011")
  }
}
