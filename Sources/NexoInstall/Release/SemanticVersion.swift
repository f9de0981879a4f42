/// A version by Semantic Versioning 2.0.0, strict: three numbers without leading zeros, then optional parts.
public struct SemanticVersion: Sendable, Hashable {
  public let major: UInt64
  public let minor: UInt64
  public let patch: UInt64
  /// Dot-separated identifiers after `-`; empty for a release.
  public let prerelease: [String]
  /// After `+`. It has no part in the order.
  public let build: [String]

  /// In bytes. Far above any real version, and small enough for a file name.
  static let longest = 128

  /// - Throws: why the text is no version.
  public init(_ text: String) throws(VersionProblem) {
    guard text.utf8.count <= Self.longest else { throw VersionProblem("it is longer than \(Self.longest) bytes") }
    var rest = Substring(text)
    var build: [String] = []
    if let plus = rest.firstIndex(of: "+") {
      build = try Self.identifiers(rest[rest.index(after: plus)...], "build", numbersAreStrict: false)
      rest = rest[..<plus]
    }
    var prerelease: [String] = []
    if let dash = rest.firstIndex(of: "-") {
      prerelease = try Self.identifiers(rest[rest.index(after: dash)...], "prerelease", numbersAreStrict: true)
      rest = rest[..<dash]
    }
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3 else { throw VersionProblem("three numbers are due, separated by dots") }
    major = try Self.number(parts[0])
    minor = try Self.number(parts[1])
    patch = try Self.number(parts[2])
    self.prerelease = prerelease
    self.build = build
  }

  public var text: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
      + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
  }

  static func number(_ text: Substring) throws(VersionProblem) -> UInt64 {
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      throw VersionProblem("a number is due")
    }
    guard text.utf8.count == 1 || text.utf8.first != 0x30 else { throw VersionProblem("a number begins with 0") }
    guard let value = UInt64(text) else { throw VersionProblem("a number is too large") }
    return value
  }

  static func identifiers(
    _ text: Substring, _ what: String, numbersAreStrict: Bool
  ) throws(VersionProblem) -> [String] {
    var list: [String] = []
    for part in text.split(separator: ".", omittingEmptySubsequences: false) {
      guard !part.isEmpty else { throw VersionProblem("an empty \(what) identifier") }
      guard part.utf8.allSatisfy(isIdentifierByte) else {
        throw VersionProblem("a \(what) identifier holds another character than letters, digits and -")
      }
      if numbersAreStrict, isNumber(part), part.utf8.count > 1, part.utf8.first == 0x30 {
        throw VersionProblem("a number in the \(what) begins with 0")
      }
      list.append(String(part))
    }
    return list
  }

  private static func isIdentifierByte(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x2d
  }

  static func isNumber(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }
}

/// Why a text is no version or no requirement.
public struct VersionProblem: Error, Sendable, Hashable {
  public let text: String
  init(_ text: String) { self.text = text }
}

extension SemanticVersion {
  /// Section 11 of the specification: true if this version comes before the other. Builds of one version are equal in it.
  public func precedes(_ other: SemanticVersion) -> Bool {
    let (left, right) = ([major, minor, patch], [other.major, other.minor, other.patch])
    if left != right { return left.lexicographicallyPrecedes(right) }
    switch (prerelease.isEmpty, other.prerelease.isEmpty) {
    case (true, _): return false
    case (false, true): return true
    case (false, false): break
    }
    for (left, right) in zip(prerelease, other.prerelease) where !left.utf8.elementsEqual(right.utf8) {
      return Self.identifier(left, precedes: right)
    }
    return prerelease.count < other.prerelease.count
  }

  private static func identifier(_ left: String, precedes right: String) -> Bool {
    switch (isNumber(left), isNumber(right)) {
    case (true, false): true
    case (false, true): false
    // By length first: the numbers have no leading zeros and may be too large for an integer.
    case (true, true) where left.utf8.count != right.utf8.count: left.utf8.count < right.utf8.count
    default: left.utf8.lexicographicallyPrecedes(right.utf8)
    }
  }
}
