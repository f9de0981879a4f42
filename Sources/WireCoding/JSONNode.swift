/// A value of a JSON text together with its place. Every accessor is strict and refuses with that place.
public struct JSONNode: Sendable {
  let value: JSONValue
  private let position: JSONPlace?

  /// Reads one JSON text (RFC 8259): UTF-8, no byte order mark, no duplicate names, nothing after the value.
  public static func parse(_ bytes: [UInt8], limits: JSONLimits = .bundle) throws(CodingFailure) -> JSONNode {
    JSONNode(value: try JSONScanner.parse(bytes, limits), position: nil)
  }

  private init(value: JSONValue, position: JSONPlace?) {
    self.value = value
    self.position = position
  }

  public var isNull: Bool { if case .null = value { true } else { false } }
  public var isObject: Bool { if case .object = value { true } else { false } }
  public var isArray: Bool { if case .array = value { true } else { false } }
  public var isString: Bool { if case .string = value { true } else { false } }

  /// For example `$.verificationMaterial.tlogEntries[0].logIndex`.
  public var place: String { position?.text ?? "$" }

  private func failure(_ kind: CodingFailure.Kind, _ detail: String) -> CodingFailure {
    CodingFailure(kind, detail, place: place)
  }

  private func mismatch(_ wanted: String) -> CodingFailure {
    let found =
      switch value {
      case .object: "an object"
      case .array: "a list"
      case .string: "text"
      case .number: "a number"
      case .bool: "a truth value"
      case .null: "null"
      }
    return failure(.wrongType, "\(wanted) is due, found \(found)")
  }

  private func members() throws(CodingFailure) -> [(name: String, value: JSONValue)] {
    guard case .object(let members) = value else { throw mismatch("an object") }
    return members
  }

  private func member(_ name: String) throws(CodingFailure) -> (name: String, value: JSONValue)? {
    let identity = JSONName(name)
    return try members().first { JSONName($0.name) == identity }
  }

  /// Null counts as absent.
  public func field(_ name: String) throws(CodingFailure) -> JSONNode {
    guard let field = try optionalField(name) else {
      throw CodingFailure(.missingField, "the field is missing", place: JSONPlace(position, .field(name)).text)
    }
    return field
  }

  /// Nil where the field is absent or null.
  public func optionalField(_ name: String) throws(CodingFailure) -> JSONNode? {
    guard let member = try member(name) else { return nil }
    if case .null = member.value { return nil }
    return JSONNode(value: member.value, position: JSONPlace(position, .field(name)))
  }

  /// In the order of the text; fields that are null are among them.
  ///
  /// For objects that are lists by name: looking each name up costs the square of their number.
  public func fields() throws(CodingFailure) -> [(name: String, node: JSONNode)] {
    try members().map { ($0.name, JSONNode(value: $0.value, position: JSONPlace(position, .field($0.name)))) }
  }

  /// In the order of the text.
  public func fieldNames() throws(CodingFailure) -> [String] { try members().map(\.name) }

  /// Throws `tooMany` over the limit.
  public func elements(atMost limit: Int) throws(CodingFailure) -> [JSONNode] {
    guard case .array(let elements) = value else { throw mismatch("a list") }
    guard elements.count <= limit else {
      throw failure(.tooMany, "\(elements.count) elements, over the limit of \(limit)")
    }
    return elements.enumerated().map { JSONNode(value: $1, position: JSONPlace(position, .element($0))) }
  }

  public func string() throws(CodingFailure) -> String {
    guard case .string(let text) = value else { throw mismatch("text") }
    return text
  }

  public func bool() throws(CodingFailure) -> Bool {
    guard case .bool(let flag) = value else { throw mismatch("a truth value") }
    return flag
  }

  /// A whole number written as a JSON number without fraction and exponent.
  public func integer() throws(CodingFailure) -> Int64 {
    guard case .number(let token) = value else { throw mismatch("a whole number") }
    return try whole(token)
  }

  /// proto3 JSON int64: decimal text, or a whole number.
  public func protoInteger() throws(CodingFailure) -> Int64 {
    switch value {
    case .number(let token), .string(let token): return try whole(token)
    default: throw mismatch("a whole number")
    }
  }

  /// Printed again and compared: no sign but a minus, no leading zero, no blank, no fraction.
  private func whole(_ token: String) throws(CodingFailure) -> Int64 {
    guard let number = Int64(token), String(number) == token else {
      throw failure(.numberRange, "not a whole number of 64 bits")
    }
    return number
  }

  /// Standard base64 with padding.
  public func base64() throws(CodingFailure) -> [UInt8] {
    let text = try string()
    do throws(CodingFailure) { return try Base64.decode(text) } catch { throw error.at(place) }
  }

  public func hex() throws(CodingFailure) -> [UInt8] {
    let text = try string()
    do throws(CodingFailure) { return try Hex.decode(text) } catch { throw error.at(place) }
  }
}
