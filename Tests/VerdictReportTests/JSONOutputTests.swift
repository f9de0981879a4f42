import Testing
import WireCoding

@testable import VerdictReport

@Suite("JSON output")
struct JSONOutputTests {
  @Test("values, in the order that was given")
  func values() {
    let value = JSONOutput.object([
      ("z", .null), ("a", .array([.bool(true), .bool(false), .number(-12), .text("x")])), ("e", .object([])),
      ("l", .array([])), ("o", .optional(nil)),
    ])
    #expect(value.rendered == #"{"z":null,"a":[true,false,-12,"x"],"e":{},"l":[],"o":null}"#)
  }

  @Test("text comes back as it was, and nothing in it reaches a terminal raw")
  func text() throws {
    let texts = [
      "", "\"\\/", "\u{0}\u{1f}\n\r\t\u{8}\u{c}", "\u{7f}\u{9b}", "é日本𝄞", "\u{202e}\u{2066}\u{200b}\u{feff}",
      "\u{2028}\u{2029}", "\u{10ffff}\u{e0041}", "\u{1b}[2J", "e\u{301}",
    ]
    for text in texts {
      let rendered = JSONOutput.object([(text, .text(text))]).rendered
      #expect(rendered.unicodeScalars.allSatisfy { Terminal.isHarmless($0) })
      let node = try JSONNode.parse(Array(rendered.utf8))
      let name = try #require(try node.fieldNames().first)
      #expect(Array(name.unicodeScalars) == Array(text.unicodeScalars))
      #expect(Array(try node.field(name).string().unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test("what is above U+FFFF is escaped as a pair of surrogates")
  func surrogates() {
    #expect(JSONOutput.text("\u{e0041}").rendered == #""\udb40\udc41""#)
  }
}
