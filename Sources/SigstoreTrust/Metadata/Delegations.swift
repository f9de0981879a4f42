import OpenSSLCrypto
import WireCoding

/// The roles to which a targets file hands on parts of its name space (TUF specification 4.5).
struct Delegations: Sendable {
  struct Role: Sendable {
    let name: String
    let keys: RoleKeys
    /// Where a file of its name space is not found in it, the search ends.
    let isTerminating: Bool
    fileprivate let scope: Scope
  }

  fileprivate enum Scope: Sendable {
    case paths([String])
    /// Lower-case hex, the beginnings of SHA-256 over the path.
    case hashPrefixes([String])
  }

  /// Hash bins (TAP 15): roles named `<prefix>-<number in hex>`, by the first bits of SHA-256 over the path. A few bytes of metadata stand
  /// for thousands of roles, so a role is made when it is asked for.
  private struct Bins: Sendable {
    let prefix: String
    let bits: Int
    let keys: RoleKeys

    func name(_ index: UInt32) -> String {
      let hex = String(index, radix: 16)
      return "\(prefix)-" + String(repeating: "0", count: max(0, (bits + 3) / 4 - hex.count)) + hex
    }

    func role(_ index: UInt32) -> Role { Role(name: name(index), keys: keys, isTerminating: true, scope: .paths([])) }
  }

  /// In the order of the file, which is the order of the search.
  private let roles: [Role]
  private let bins: Bins?

  static let none = Delegations(roles: [])
  private static let mostRoles = 4096
  private static let mostPaths = 4096

  private init(roles: [Role]) {
    self.roles = roles
    bins = nil
  }

  init(_ node: JSONNode) throws(CodingFailure) {
    let keys = try RoleKeys.keys(node.field("keys"))
    let list = try node.optionalField("roles")
    if let succinct = try node.optionalField("succinct_roles") {
      guard list == nil else { throw CodingFailure(.wrongType, "roles beside succinct_roles", place: node.place) }
      roles = []
      bins = try Self.bins(succinct, keys)
      return
    }
    bins = nil
    var roles: [Role] = []
    var names: Set<JSONName> = []
    for role in try list?.elements(atMost: Self.mostRoles) ?? [] {
      let name = try role.field("name")
      let text = try name.string()
      guard !["root", "timestamp", "snapshot", "targets", ""].contains(where: { $0.utf8.elementsEqual(text.utf8) })
      else {
        throw CodingFailure(.wrongType, "a delegated role of that name", place: name.place)
      }
      try Self.checkLength(text, name)
      guard names.insert(JSONName(text)).inserted else {
        throw CodingFailure(.duplicateKey, "a role that is delegated to twice", place: name.place)
      }
      roles.append(
        Role(
          name: text, keys: try RoleKeys(role, keys: keys), isTerminating: try role.field("terminating").bool(),
          scope: try scope(role)))
    }
    self.roles = roles

    func scope(_ role: JSONNode) throws(CodingFailure) -> Scope {
      switch (try role.optionalField("paths"), try role.optionalField("path_hash_prefixes")) {
      case (let paths?, nil): return .paths(try Self.texts(paths))
      case (nil, let prefixes?): return .hashPrefixes(try Self.texts(prefixes))
      default: throw CodingFailure(.wrongType, "one of paths and path_hash_prefixes is due", place: role.place)
      }
    }
  }

  private static func texts(_ list: JSONNode) throws(CodingFailure) -> [String] {
    var texts: [String] = []
    for node in try list.elements(atMost: mostPaths) { texts.append(try node.string()) }
    return texts
  }

  /// A role's name is a part of file names, which have 255 bytes at most; encoded, and with the rest of the name.
  private static func checkLength(_ name: String, _ node: JSONNode) throws(CodingFailure) {
    guard PathSegment.encoded(name).utf8.count <= 200 else {
      throw CodingFailure(.wrongType, "a role's name of more than 200 bytes", place: node.place)
    }
  }

  private static func bins(_ node: JSONNode, _ keys: [JSONName: MetadataKey]) throws(CodingFailure) -> Bins {
    let bits = try node.field("bit_length")
    let count = Int(clamping: try bits.integer())
    // 2^14 bins are more than any repository has; the specification allows 32 bits.
    guard (1...14).contains(count) else {
      throw CodingFailure(.numberRange, "bit_length outside 1 to 14", place: bits.place)
    }
    let prefix = try node.field("name_prefix")
    try checkLength(try prefix.string() + "-0000", prefix)
    return Bins(prefix: try prefix.string(), bits: count, keys: try RoleKeys(node, keys: keys))
  }

  func role(named name: String) -> Role? {
    if let role = roles.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) { return role }
    guard let bins, let text = name.utf8.split(separator: UInt8(ascii: "-")).last.flatMap({ String($0) }),
      let index = UInt32(text, radix: 16), index >> UInt32(bins.bits) == 0,
      bins.name(index).utf8.elementsEqual(name.utf8)
    else { return nil }
    return bins.role(index)
  }

  /// Those that may speak for a file, in the order of the search.
  func roles(for path: String) throws(MetadataFailure) -> [Role] {
    let hash: [UInt8]
    do throws(CryptoFailure) { hash = try sha256(Array(path.utf8)) } catch {
      throw MetadataFailure(.malformed, error.detail)
    }
    if let bins {
      return [bins.role(hash.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) } >> UInt32(32 - bins.bits))]
    }
    let hex = Hex.encode(hash)
    return roles.filter { role in
      switch role.scope {
      case .paths(let patterns): patterns.contains { Self.matches(path, pattern: $0) }
      case .hashPrefixes(let prefixes): prefixes.contains { hex.utf8.starts(with: $0.utf8) }
      }
    }
  }

  /// Shell patterns within one part of a path: `*` is any run of characters but `/`, `?` one of them. Both have as many parts.
  static func matches(_ path: String, pattern: String) -> Bool {
    let slash = UInt8(ascii: "/")
    let parts = Array(path.utf8).split(separator: slash, omittingEmptySubsequences: false)
    let patterns = Array(pattern.utf8).split(separator: slash, omittingEmptySubsequences: false)
    return parts.count == patterns.count && zip(parts, patterns).allSatisfy { matches(Array($0), Array($1)) }
  }

  /// Without recursion, so that a pattern of stars costs no more than the product of the lengths.
  private static func matches(_ text: [UInt8], _ pattern: [UInt8]) -> Bool {
    var (position, index) = (0, 0)
    var star: (index: Int, position: Int)?
    while position < text.count {
      if index < pattern.count, pattern[index] == UInt8(ascii: "*") {
        star = (index, position)
        index += 1
      } else if index < pattern.count, pattern[index] == UInt8(ascii: "?") || pattern[index] == text[position] {
        // One character may have several bytes.
        let length = pattern[index] == UInt8(ascii: "?") ? characterLength(text[position...]) : 1
        position += length
        index += 1
      } else if let last = star {
        index = last.index + 1
        position = last.position + 1
        star = (last.index, position)
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  private static func characterLength(_ text: ArraySlice<UInt8>) -> Int {
    1 + text.dropFirst().prefix { $0 & 0xc0 == 0x80 }.count
  }
}

/// Nil where the bytes have every digest.
func mismatch(_ bytes: [UInt8], _ digests: [Digest]) -> (got: String, want: String)? {
  for wanted in digests {
    guard let got = try? digest(wanted.algorithm, of: bytes) else { return ("no digest", wanted.text) }
    guard got == wanted else { return (got.text, wanted.text) }
  }
  return nil
}
