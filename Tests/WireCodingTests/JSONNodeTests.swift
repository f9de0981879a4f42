import Testing
import WireCoding

struct JSONNodeTests {
  static func parse(_ text: String) throws(CodingFailure) -> JSONNode { try JSONNode.parse(Array(text.utf8)) }

  /// The refusal of `read`, or nil.
  static func refusal<T>(_ text: String, _ read: (JSONNode) throws(CodingFailure) -> T) -> CodingFailure? {
    do throws(CodingFailure) {
      _ = try read(try parse(text))
      return nil
    } catch {
      return error
    }
  }

  // MARK: Fields

  @Test func fieldsAreFoundByName() throws {
    let node = try Self.parse("{\"a\":1,\"b\":null,\"\\u0063\":\"x\",\"\":true}")
    #expect(try node.field("a").integer() == 1)
    #expect(try node.field("c").string() == "x")
    #expect(try node.field("").bool() == true)
    #expect(try node.optionalField("b") == nil)
    #expect(try node.optionalField("d") == nil)
    #expect(try node.fieldNames() == ["a", "b", "c", ""])
  }

  @Test(arguments: ["{}", "{\"a\":null}", "{\"A\":1}", "{\"a \":1}", "{\"b\":{\"a\":1}}"])
  func aMissingFieldIsNamed(text: String) {
    let failure = Self.refusal(text) { (node) throws(CodingFailure) in try node.field("a") }
    #expect(failure?.kind == .missingField)
    #expect(failure?.place == "$.a")
  }

  /// U+212A is canonically the letter K: other readers would not take this for the field.
  @Test func aNameIsMatchedByItsCodeUnits() throws {
    let node = try Self.parse("{\"public\u{212a}ey\":1,\"e\u{301}\":2}")
    #expect(try node.optionalField("publicKey") == nil)
    #expect(try node.optionalField("\u{e9}") == nil)
    #expect(try node.field("public\u{212a}ey").integer() == 1)
    #expect(try node.field("e\u{301}").integer() == 2)
  }

  // MARK: Types

  static let samples = ["{}", "[]", "\"\"", "0", "true", "null"]

  @Test(arguments: samples)
  func everyOtherTypeIsRefused(text: String) throws {
    func check<T>(
      _ accepted: [String], _ name: String, _ read: (JSONNode) throws(CodingFailure) -> T
    ) {
      let failure = Self.refusal("{\"x\":[\(text)]}") { (node) throws(CodingFailure) in
        for element in try node.field("x").elements(atMost: 1) { _ = try read(element) }
      }
      if accepted.contains(text) {
        #expect(failure == nil, "\(name)")
      } else {
        #expect(failure?.kind == .wrongType, "\(name)")
        #expect(failure?.place == "$.x[0]", "\(name)")
      }
    }
    check(["{}"], "optionalField") { (node) throws(CodingFailure) in try node.optionalField("a") }
    check(["{}"], "fieldNames") { (node) throws(CodingFailure) in try node.fieldNames() }
    check(["[]"], "elements") { (node) throws(CodingFailure) in try node.elements(atMost: 1) }
    check(["\"\""], "string") { (node) throws(CodingFailure) in try node.string() }
    check(["\"\""], "base64") { (node) throws(CodingFailure) in try node.base64() }
    check(["\"\""], "hex") { (node) throws(CodingFailure) in try node.hex() }
    check(["true"], "bool") { (node) throws(CodingFailure) in try node.bool() }
    check(["0"], "integer") { (node) throws(CodingFailure) in try node.integer() }
    if text != "\"\"" { check(["0"], "protoInteger") { (node) throws(CodingFailure) in try node.protoInteger() } }
  }

  @Test(arguments: samples)
  func aFieldOfSomethingElseIsRefused(text: String) {
    guard text != "{}" else { return }
    let failure = Self.refusal(text) { (node) throws(CodingFailure) in try node.field("a") }
    #expect(failure?.kind == .wrongType)
    #expect(failure?.place == "$")
  }

  @Test(arguments: samples)
  func aValueSaysWhatItIs(text: String) throws {
    let node = try Self.parse(text)
    #expect(node.isObject == (text == "{}"))
    #expect(node.isArray == (text == "[]"))
    #expect(node.isString == (text == "\"\""))
    #expect(node.isNull == (text == "null"))
  }

  @Test func elementsAreCounted() throws {
    let node = try Self.parse("{\"a\":[1,2,3]}")
    let list = try node.field("a")
    #expect(try list.elements(atMost: 3).map { try $0.integer() } == [1, 2, 3])
    let failure = #expect(throws: CodingFailure.self) { try list.elements(atMost: 2) }
    #expect(failure?.kind == .tooMany)
    #expect(failure?.place == "$.a")
    #expect(try Self.parse("[]").elements(atMost: 0).isEmpty)
  }

  // MARK: Strings

  @Test(arguments: [
    ("\"\"", ""), ("\"a b\"", "a b"), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\u{8}\u{c}\n\r\t"),
    ("\"\\u0041\\u00e9\\u20AC\\u0000\"", "A\u{e9}\u{20ac}\0"), ("\"\\ud83d\\ude00\"", "\u{1f600}"),
    ("\"\\uD800\\uDC00\\uDBFF\\uDFFF\"", "\u{10000}\u{10ffff}"),
    ("\"\\ud7ff\\ue000\\uffff\"", "\u{d7ff}\u{e000}\u{ffff}"),
    ("\"\u{e9}\\n\u{1f600}\"", "\u{e9}\n\u{1f600}"), ("\"//\"", "//"), ("\"x\\\\\"", "x\\"),
  ])
  func stringsAreUnescaped(text: String, expected: String) throws {
    #expect(Array(try Self.parse(text).string().utf8) == Array(expected.utf8))
  }

  @Test func everyScalarGoesThroughItsEscape() throws {
    for code in (0x0...0xffff as ClosedRange<UInt32>) where !(0xd800..<0xe000).contains(code) {
      let digits = Hex.encode([UInt8(code >> 8), UInt8(code & 0xff)])
      let text = try Self.parse("\"\\u\(digits)\"").string()
      try #require(text.unicodeScalars.map(\.value) == [code])
    }
  }

  // MARK: Numbers

  @Test(
    arguments: [
      ("0", 0), ("1", 1), ("-1", -1), ("9007199254740993", 9_007_199_254_740_993), ("9223372036854775807", .max),
      ("-9223372036854775808", .min),
    ] as [(String, Int64)])
  func wholeNumbersAreRead(token: String, number: Int64) throws {
    #expect(try Self.parse(token).integer() == number)
    #expect(try Self.parse(token).protoInteger() == number)
    #expect(try Self.parse("\"\(token)\"").protoInteger() == number)
  }

  @Test(arguments: [
    "-0", "0.0", "1.0", "1.5", "1e2", "1E0", "1e-1", "9223372036854775808", "-9223372036854775809",
    "18446744073709551616",
    "1e999999", "-1e999999", String(repeating: "9", count: 400),
  ])
  func otherNumbersAreOutOfRange(token: String) {
    let integer = Self.refusal("{\"n\":\(token)}") { (node) throws(CodingFailure) in try node.field("n").integer() }
    #expect(integer?.kind == .numberRange)
    #expect(integer?.place == "$.n")
    for text in [token, "\"\(token)\""] {
      let proto = Self.refusal("{\"n\":\(text)}") { (node) throws(CodingFailure) in try node.field("n").protoInteger() }
      #expect(proto?.kind == .numberRange)
      #expect(proto?.place == "$.n")
    }
  }

  @Test(arguments: [
    "", " ", "+1", "01", "-01", "00", " 1", "1 ", "1\\n", "-", "--1", "0x1", "1_0", "a", "\u{ff11}", "\u{661}", "1,0",
    "NaN",
    "1\\u0000", "-\\u0030",
  ])
  func textThatIsNotCanonicalIsOutOfRange(text: String) {
    let failure = Self.refusal("[\"\(text)\"]") { (node) throws(CodingFailure) in
      try node.elements(atMost: 1).map { (element) throws(CodingFailure) in try element.protoInteger() }
    }
    #expect(failure?.kind == .numberRange)
    #expect(failure?.place == "$[0]")
  }

  @Test func aNumberAsTextIsNoInteger() {
    #expect(Self.refusal("\"1\"") { (node) throws(CodingFailure) in try node.integer() }?.kind == .wrongType)
  }

  // MARK: Bytes

  @Test func bytesAreDecodedInPlace() throws {
    #expect(try Self.parse("\"Zm9v\"").base64() == Array("foo".utf8))
    #expect(try Self.parse("\"Zm9\\u0076\"").base64() == Array("foo".utf8))
    #expect(try Self.parse("\"0aFf\"").hex() == [0x0a, 0xff])
    let base64 = Self.refusal("{\"a\":[\"Zm9v\\n\"]}") { (node) throws(CodingFailure) in
      try node.field("a").elements(atMost: 1).map { (element) throws(CodingFailure) in try element.base64() }
    }
    #expect(base64?.kind == .base64)
    #expect(base64?.place == "$.a[0]")
    let hex = Self.refusal("{\"a\":\"0\"}") { (node) throws(CodingFailure) in try node.field("a").hex() }
    #expect(hex?.kind == .hex)
    #expect(hex?.place == "$.a")
  }

  // MARK: Places

  @Test func placesArePaths() throws {
    let node = try Self.parse("{\"a\":{\"b_9\":[0,{\"C\":1}]}}")
    #expect(node.place == "$")
    let list = try node.field("a").field("b_9")
    #expect(list.place == "$.a.b_9")
    let element = try list.elements(atMost: 2)[1]
    #expect(element.place == "$.a.b_9[1]")
    #expect(try element.field("C").place == "$.a.b_9[1].C")
  }

  @Test(arguments: [
    ("", "$[\"\"]"), ("a.b", "$[\"a.b\"]"), ("a b", "$[\"a b\"]"), ("a\"]", "$[\"a\\\"]\"]"), ("a\\", "$[\"a\\\\\"]"),
    ("\u{1b}\n", "$[\"\\u{1B}\\n\"]"), ("\u{e9}", "$[\"\\u{00E9}\"]"), ("\u{202e}", "$[\"\\u{202E}\"]"),
    (String(repeating: "x", count: 64), "$." + String(repeating: "x", count: 64)),
    (String(repeating: "x", count: 65), "$[\"" + String(repeating: "x", count: 64) + "\"]"),
  ])
  func namesThatAreNoIdentifiersAreQuotedAndCut(name: String, place: String) {
    let failure = Self.refusal("{}") { (node) throws(CodingFailure) in try node.field(name) }
    #expect(failure?.place == place)
  }

  /// One visible character can be a million scalars long.
  @Test func aPlaceIsShortWhateverTheName() {
    let name = "e" + String(repeating: "\u{301}", count: 100_000)
    let failure = Self.refusal("{}") { (node) throws(CodingFailure) in try node.field(name) }
    #expect((failure?.place?.utf8.count ?? .max) < 1000)
  }
}
