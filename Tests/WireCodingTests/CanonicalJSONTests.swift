import Testing
import WireCoding

/// OLPC canonical JSON: what TUF signs.
@Suite("Canonical JSON")
struct CanonicalJSONTests {
  private func canonical(_ text: String) throws -> String {
    String(decoding: try JSONNode.parse(Array(text.utf8)).canonicalBytes(), as: UTF8.self)
  }

  @Test(
    "names in the order of their bytes, no white space, nothing escaped but two signs",
    arguments: [
      ("{}", "{}"), ("[ ]", "[]"), (" null ", "null"), ("[true, false]", "[true,false]"),
      ("{\"b\": 1, \"a\": {\"d\": [], \"c\": null}}", "{\"a\":{\"c\":null,\"d\":[]},\"b\":1}"),
      ("\"a\\nb\\tc\"", "\"a\nb\tc\""), ("\"\\/\"", "\"/\""), ("\"\\\"\\\\\"", "\"\\\"\\\\\""),
      ("\"\\u00fc\"", "\"ü\""), ("\"\\ud83d\\ude00\"", "\"😀\""),
      ("[0, -1, 12345678901234567890]", "[0,-1,12345678901234567890]"),
      // By code points, which is not the order of UTF-16.
      ("{\"\\ud83d\\ude00\": 1, \"\\uffee\": 2}", "{\"\u{ffee}\":2,\"😀\":1}"),
      // The same to a reader, and two names to a file.
      ("{\"e\\u0301\": 1, \"\\u00e9\": 2}", "{\"e\u{301}\":1,\"\u{e9}\":2}"),
    ])
  func canonical(text: String, expected: String) throws {
    #expect(try canonical(text).utf8.elementsEqual(expected.utf8))
  }

  @Test(
    "numbers that are not whole have no such form", arguments: ["1.5", "1e3", "1E0", "-0", "[0.0]", "{\"a\":-1.0}"])
  func numbers(text: String) {
    let failure = #expect(throws: CodingFailure.self) { try canonical(text) }
    #expect(failure?.kind == .numberRange)
  }
}
