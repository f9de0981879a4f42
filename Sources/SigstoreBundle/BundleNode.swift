import WireCoding

/// A JSON value inside signature material: the strict accessors of `JSONNode`, refusing with this module's codes.
struct BundleNode {
  let json: JSONNode

  private func coded<T>(_ body: () throws(CodingFailure) -> T) throws(BundleFailure) -> T {
    do throws(CodingFailure) { return try body() } catch { throw bundleFailure(error) }
  }

  static func parse(_ bytes: [UInt8]) throws(BundleFailure) -> BundleNode {
    do throws(CodingFailure) { return BundleNode(json: try JSONNode.parse(bytes)) } catch { throw bundleFailure(error) }
  }

  var place: String { json.place }

  func field(_ name: String) throws(BundleFailure) -> BundleNode {
    BundleNode(json: try coded { () throws(CodingFailure) in try json.field(name) })
  }

  /// Nil where the field is absent or null.
  func optional(_ name: String) throws(BundleFailure) -> BundleNode? {
    try coded { () throws(CodingFailure) in try json.optionalField(name) }.map { BundleNode(json: $0) }
  }

  /// Nil where the message is absent, null or empty: writers use all three for "none".
  func message(_ name: String) throws(BundleFailure) -> BundleNode? {
    guard let node = try optional(name) else { return nil }
    return try node.names().isEmpty ? nil : node
  }

  /// Empty where the list is absent or null.
  func list(_ name: String, atMost limit: Int) throws(BundleFailure) -> [BundleNode] {
    guard let node = try optional(name) else { return [] }
    return try coded { () throws(CodingFailure) in try node.json.elements(atMost: limit) }.map { BundleNode(json: $0) }
  }

  /// For a text that is a list itself.
  func elements(atMost limit: Int) throws(BundleFailure) -> [BundleNode] {
    try coded { () throws(CodingFailure) in try json.elements(atMost: limit) }.map { BundleNode(json: $0) }
  }

  func names() throws(BundleFailure) -> [String] {
    try coded { () throws(CodingFailure) in try json.fieldNames() }
  }

  func string() throws(BundleFailure) -> String {
    try coded { () throws(CodingFailure) in try json.string() }
  }

  func base64() throws(BundleFailure) -> [UInt8] {
    try coded { () throws(CodingFailure) in try json.base64() }
  }

  func hex() throws(BundleFailure) -> [UInt8] {
    try coded { () throws(CodingFailure) in try json.hex() }
  }

  /// A whole number written as a JSON number.
  func integer() throws(BundleFailure) -> Int64 {
    try coded { () throws(CodingFailure) in try json.integer() }
  }

  /// proto3 JSON int64: decimal text, or a whole number.
  func protoInteger() throws(BundleFailure) -> Int64 {
    try coded { () throws(CodingFailure) in try json.protoInteger() }
  }

  /// Indexes, sizes and times are never negative.
  func unsigned(_ value: Int64) throws(BundleFailure) -> UInt64 {
    guard let value = UInt64(exactly: value) else {
      throw BundleFailure(.numberRange, "negative number", got: String(value), place: place)
    }
    return value
  }

  func bytes(count: Int) throws(BundleFailure) -> [UInt8] {
    let bytes = try base64()
    guard bytes.count == count else {
      throw BundleFailure(
        .fieldInvalid, "wrong length", got: "\(bytes.count) bytes", want: "\(count) bytes", place: place)
    }
    return bytes
  }

  func hex(count: Int) throws(BundleFailure) -> [UInt8] {
    let bytes = try hex()
    guard bytes.count == count else {
      throw BundleFailure(
        .fieldInvalid, "wrong length", got: "\(bytes.count) bytes", want: "\(count) bytes", place: place)
    }
    return bytes
  }

  /// Refuses the snake_case spelling of any known field: two spellings of one field would let two readers see two bundles.
  func checkSpelling(_ known: String...) throws(BundleFailure) {
    for name in try names() where name.utf8.contains(UInt8(ascii: "_")) {
      if known.contains(camelCase(name)) {
        throw BundleFailure(.fieldInvalid, "snake_case field name", got: name, want: camelCase(name), place: place)
      }
    }
  }

  private func camelCase(_ name: String) -> String {
    var result = ""
    for (index, word) in name.split(separator: "_").enumerated() {
      result += index == 0 ? String(word) : word.prefix(1).uppercased() + word.dropFirst()
    }
    return result
  }
}
