/// Bounds on a JSON text.
public struct JSONLimits: Sendable {
  public let maximumBytes: Int
  /// Levels of objects and lists with the innermost value; never over 128.
  public let maximumDepth: Int
  /// Values of any kind, so that a text of empty objects cannot take up a hundred times its size.
  public let maximumValues: Int

  public init(maximumBytes: Int, maximumDepth: Int, maximumValues: Int) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = min(maximumDepth, Self.deepest)
    self.maximumValues = maximumValues
  }

  /// - Bytes: real bundles have some 10 KB, attestations up to a few MB.
  /// - Depth: bundles have eight levels, attested documents some twenty.
  /// - Values: bundles have about a hundred, trusted roots some hundreds; 100 000 take up a few MB of memory.
  public static let bundle = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 64, maximumValues: 100_000)

  /// The scanner recurses: this many levels fit into a thread's stack of 512 KB, even in a debug build.
  static let deepest = 128
}

enum JSONValue: Sendable {
  case object([(name: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  /// The token as it stands.
  case number(String)
  case bool(Bool)
  case null
}

/// RFC 8259, strict: UTF-8 without a byte order mark, no duplicate names, nothing after the value. Recursion is bounded by the depth limit.
struct JSONScanner {
  let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  var index = 0
  private var values = 0

  static func parse(_ text: [UInt8], _ limits: JSONLimits) throws(CodingFailure) -> JSONValue {
    guard text.count <= limits.maximumBytes else {
      throw CodingFailure(.tooLarge, "\(text.count) bytes, over the limit of \(limits.maximumBytes)")
    }
    guard !text.isEmpty else { throw CodingFailure(.json, "the text is empty") }
    guard !text.starts(with: [0xef, 0xbb, 0xbf]) else {
      throw CodingFailure(.json, "a byte order mark", place: "byte 0")
    }
    let result = text.withUnsafeBufferPointer { buffer -> Result<JSONValue, CodingFailure> in
      var scanner = JSONScanner(bytes: buffer, limits: limits)
      do throws(CodingFailure) { return .success(try scanner.document()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  private init(bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  func failure(_ detail: String, _ kind: CodingFailure.Kind = .json) -> CodingFailure {
    CodingFailure(kind, detail, place: "byte \(index)")
  }

  var next: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { index += 1 }
  }

  private mutating func document() throws(CodingFailure) -> JSONValue {
    let value = try value(depth: 1)
    skipBlanks()
    guard index == bytes.count else { throw failure("something after the value") }
    return value
  }

  private mutating func value(depth: Int) throws(CodingFailure) -> JSONValue {
    guard depth <= limits.maximumDepth else { throw failure("deeper than \(limits.maximumDepth) levels", .tooDeep) }
    values += 1
    guard values <= limits.maximumValues else { throw failure("more than \(limits.maximumValues) values", .tooMany) }
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case nil: throw failure("the text ends early")
    default: return .number(try number())
    }
  }

  private mutating func literal(_ word: StaticString, _ value: JSONValue) throws(CodingFailure) -> JSONValue {
    let end = index + word.utf8CodeUnitCount
    guard end <= bytes.count, bytes[index..<end].elementsEqual(word.withUTF8Buffer { Array($0) }) else {
      throw failure("no JSON value")
    }
    index = end
    return value
  }

  /// Past a comma (true) or the closing bracket (false).
  private mutating func hasMore(_ closing: UInt8) throws(CodingFailure) -> Bool {
    skipBlanks()
    guard let byte = next, byte == closing || byte == UInt8(ascii: ",") else {
      throw failure("a comma or a bracket is due")
    }
    index += 1
    return byte != closing
  }

  private mutating func isEmpty(_ closing: UInt8) -> Bool {
    index += 1
    skipBlanks()
    guard next == closing else { return false }
    index += 1
    return true
  }

  private mutating func elements(depth: Int) throws(CodingFailure) -> [JSONValue] {
    guard !isEmpty(UInt8(ascii: "]")) else { return [] }
    var elements: [JSONValue] = []
    repeat { elements.append(try value(depth: depth + 1)) } while try hasMore(UInt8(ascii: "]"))
    return elements
  }

  private mutating func members(depth: Int) throws(CodingFailure) -> [(name: String, value: JSONValue)] {
    guard !isEmpty(UInt8(ascii: "}")) else { return [] }
    var members: [(name: String, value: JSONValue)] = []
    var names: Set<JSONName> = []
    repeat {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw failure("a member's name is due") }
      let name = try string()
      let identity = JSONName(name)
      // Few members: comparing is cheaper than hashing.
      if members.count == 16 { names = Set(members.map { JSONName($0.name) }) }
      let isKnown =
        members.count < 16
        ? members.contains { JSONName($0.name) == identity } : !names.insert(identity).inserted
      guard !isKnown else { throw failure("the name \"\(identity.excerpt)\" occurs twice", .duplicateKey) }
      skipBlanks()
      guard next == UInt8(ascii: ":") else { throw failure("a colon is due") }
      index += 1
      members.append((name, try value(depth: depth + 1)))
    } while try hasMore(UInt8(ascii: "}"))
    return members
  }

  private mutating func number() throws(CodingFailure) -> String {
    let start = index
    func digits(_ scanner: inout JSONScanner) -> Int {
      let start = scanner.index
      while let byte = scanner.next, (0x30...0x39).contains(byte) { scanner.index += 1 }
      return scanner.index - start
    }
    if next == UInt8(ascii: "-") { index += 1 }
    let leading = next
    let whole = digits(&self)
    guard whole > 0 else { throw failure("no JSON value") }
    guard leading != UInt8(ascii: "0") || whole == 1 else { throw failure("a number with leading zeros") }
    if next == UInt8(ascii: ".") {
      index += 1
      guard digits(&self) > 0 else { throw failure("a number without digits after its point") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      index += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
      guard digits(&self) > 0 else { throw failure("a number without digits in its exponent") }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }
}
