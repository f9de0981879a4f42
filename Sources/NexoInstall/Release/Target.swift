/// Which build of a plugin is wanted.
public struct Target: Sendable, Hashable {
  public let name: String
  /// Named by the operator, by flag or environment. Only such a choice binds later upgrades.
  public let isChosen: Bool

  static let anyHost = "noarch"

  public init(name: String, isChosen: Bool) {
    self.name = name
    self.isChosen = isChosen
  }

  /// The flag, then what was chosen for an earlier version, then `NEXO_INSTALL_TARGET` where it is not empty, then this
  /// machine's own.
  static func choose(
    flag: String?, earlier: String? = nil, environment: [String: String]
  ) throws(InstallFailure) -> Target {
    if let name = flag ?? earlier { return Target(name: try checked(name), isChosen: true) }
    if let name = environment["NEXO_INSTALL_TARGET"], !name.isEmpty {
      return Target(name: try checked(name), isChosen: true)
    }
    return Target(name: detected, isChosen: false)
  }

  /// It becomes part of a file name.
  private static func checked(_ name: String) throws(InstallFailure) -> String {
    guard isWellFormed(name) else {
      throw InstallFailure(.usage, "`\(name)` is no target: letters, digits, `.`, `_` and `-`, at most 100 of them")
    }
    return name
  }

  static func isWellFormed(_ name: String) -> Bool {
    (1...100).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy {
        switch $0 {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
      }
  }

  static var detected: String {
    #if os(Linux) && arch(x86_64)
      "x86_64-unknown-linux-gnu"
    #elseif os(Linux) && arch(arm64)
      "aarch64-unknown-linux-gnu"
    #elseif os(macOS) && arch(x86_64)
      "x86_64-apple-darwin"
    #elseif os(macOS) && arch(arm64)
      "aarch64-apple-darwin"
    #else
      "unknown-target"
    #endif
  }

  /// Targets whose build will do, the best first. A statically linked musl build runs on a gnu host too.
  var candidates: [String] {
    var list = [name]
    if name.hasSuffix("-gnu") { list.append(name.dropLast(4) + "-musl") }
    if name != Self.anyHost { list.append(Self.anyHost) }
    return list
  }
}
