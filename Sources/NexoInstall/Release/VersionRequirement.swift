/// What a manifest's `min_nexo_version` asks for: Cargo's notation, comparators joined by commas, such as `>=0.1.0, <2`.
struct VersionRequirement: Sendable, Hashable {
  private enum Sign: String, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="
    case tilde = "~"
    case caret = "^"
  }

  private struct Comparator: Hashable {
    let sign: Sign
    let major: UInt64
    let minor: UInt64?
    let patch: UInt64?
    let prerelease: [String]
  }

  private let comparators: [Comparator]

  init(_ text: String) throws(VersionProblem) {
    guard text.utf8.count <= 256 else { throw VersionProblem("the requirement is longer than 256 bytes") }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed)
    if parts.count == 1, parts[0] == "*" {
      comparators = []
      return
    }
    var list: [Comparator] = []
    for part in parts { list.append(try Self.comparator(part)) }
    comparators = list
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let head = text.drop { $0 == " " }
    return head.lastIndex { $0 != " " }.map { head[...$0] } ?? ""
  }

  private static func comparator(_ text: Substring) throws(VersionProblem) -> Comparator {
    let sign = Sign.allCases.first { text.hasPrefix($0.rawValue) }
    var rest = trimmed(text.dropFirst(sign?.rawValue.count ?? 0))
    if let plus = rest.firstIndex(of: "+") {
      _ = try SemanticVersion.identifiers(rest[rest.index(after: plus)...], "build", numbersAreStrict: false)
      rest = rest[..<plus]
    }
    var prerelease: [String] = []
    if let dash = rest.firstIndex(of: "-") {
      prerelease = try SemanticVersion.identifiers(
        rest[rest.index(after: dash)...], "prerelease", numbersAreStrict: true)
      rest = rest[..<dash]
    }
    var numbers = rest.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...3).contains(numbers.count) else { throw VersionProblem("one to three numbers are due") }
    var hasWildcard = false
    while numbers.count > 1, let last = numbers.last, ["*", "x", "X"].contains(last) {
      numbers.removeLast()
      hasWildcard = true
    }
    guard prerelease.isEmpty || numbers.count == 3 else {
      throw VersionProblem("a prerelease needs all three numbers before it")
    }
    return Comparator(
      // `1.*` alone stands for every 1.x.
      sign: sign ?? (hasWildcard ? .tilde : .caret), major: try SemanticVersion.number(numbers[0]),
      minor: numbers.count > 1 ? try SemanticVersion.number(numbers[1]) : nil,
      patch: numbers.count > 2 ? try SemanticVersion.number(numbers[2]) : nil, prerelease: prerelease)
  }

  /// A prerelease matches only where a comparator names a prerelease of the same three numbers.
  func matches(_ version: SemanticVersion) -> Bool {
    guard comparators.allSatisfy({ Self.holds($0, version) }) else { return false }
    return version.prerelease.isEmpty
      || comparators.contains {
        !$0.prerelease.isEmpty && $0.major == version.major && $0.minor == version.minor && $0.patch == version.patch
      }
  }

  private static func holds(_ comparator: Comparator, _ version: SemanticVersion) -> Bool {
    switch comparator.sign {
    case .equal: return sameNamed(comparator, version)
    case .above: return isAbove(comparator, version)
    case .atLeast: return sameNamed(comparator, version) || isAbove(comparator, version)
    case .below: return !sameNamed(comparator, version) && !isAbove(comparator, version)
    case .atMost: return !isAbove(comparator, version)
    case .tilde:
      guard version.major == comparator.major, comparator.minor == nil || version.minor == comparator.minor else {
        return false
      }
      return sameNamed(comparator, version) || isAbove(comparator, version)
    case .caret:
      guard sameNamed(comparator, version) || isAbove(comparator, version) else { return false }
      guard version.major == comparator.major else { return false }
      guard comparator.major == 0, let minor = comparator.minor else { return true }
      guard version.minor == minor else { return false }
      guard minor == 0, let patch = comparator.patch else { return true }
      return version.patch == patch
    }
  }

  /// Equal in all that the comparator names.
  private static func sameNamed(_ comparator: Comparator, _ version: SemanticVersion) -> Bool {
    guard version.major == comparator.major else { return false }
    guard let minor = comparator.minor else { return true }
    guard version.minor == minor else { return false }
    guard let patch = comparator.patch else { return true }
    return version.patch == patch
      && version.prerelease.elementsEqual(comparator.prerelease) { $0.utf8.elementsEqual($1.utf8) }
  }

  /// Above all that the comparator names: `1.2.9` is not above `1.2`.
  private static func isAbove(_ comparator: Comparator, _ version: SemanticVersion) -> Bool {
    if version.major != comparator.major { return version.major > comparator.major }
    guard let minor = comparator.minor else { return false }
    if version.minor != minor { return version.minor > minor }
    guard let patch = comparator.patch else { return false }
    if version.patch != patch { return version.patch > patch }
    let wanted = "0.0.0" + (comparator.prerelease.isEmpty ? "" : "-" + comparator.prerelease.joined(separator: "."))
    let found = "0.0.0" + (version.prerelease.isEmpty ? "" : "-" + version.prerelease.joined(separator: "."))
    guard let left = try? SemanticVersion(wanted), let right = try? SemanticVersion(found) else { return false }
    return left.precedes(right)
  }
}
