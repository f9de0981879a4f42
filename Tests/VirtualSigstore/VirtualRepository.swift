/// A TUF repository in code: keys, roles and their metadata. Change a member and ask for a file.
public struct VirtualRepository: Sendable {
  /// Who may sign for a role, and how many must.
  public struct Role: Sendable {
    public var keys: [VirtualKey]
    public var threshold = 1

    public init(_ keys: [VirtualKey], threshold: Int = 1) {
      self.keys = keys
      self.threshold = threshold
    }
  }

  /// Seconds; of every file that says nothing else.
  public var expires: Int64
  public var root: Role
  public var timestamp: Role
  public var snapshot: Role
  public var targets: Role
  public var hasConsistentSnapshots = true

  public init(seed: String = "tuf", expires: Int64) {
    self.expires = expires
    func keys(_ role: String, _ count: Int, _ kind: VirtualKey.Kind = .p256) -> [VirtualKey] {
      (0..<count).map { VirtualKey(kind, seed: "\(seed) \(role) \($0)") }
    }
    root = Role(keys("root", 3), threshold: 2)
    timestamp = Role(keys("timestamp", 1, .ed25519))
    snapshot = Role(keys("snapshot", 1))
    targets = Role(keys("targets", 3), threshold: 2)
  }

  // MARK: Files

  public static func keyID(_ key: VirtualKey) -> String { Encoding.hex(HashName.sha256(key.subjectPublicKeyInfo)) }

  public static func key(_ key: VirtualKey) -> JSONDraft {
    let (type, scheme, text) =
      switch key.kind {
      case .ed25519: ("ed25519", "ed25519", Encoding.hex(Array(key.subjectPublicKeyInfo.suffix(32))))
      default: ("ecdsa", "ecdsa-sha2-nistp256", key.publicKeyPEM)
      }
    return .object([
      ("keytype", .text(type)), ("scheme", .text(scheme)), ("keyval", .object([("public", .text(text))])),
      ("keyid_hash_algorithms", .array([.text("sha256")])),
    ])
  }

  public static func keys(_ keys: [VirtualKey]) -> JSONDraft {
    var seen: Set<String> = []
    return .object(keys.filter { seen.insert(keyID($0)).inserted }.map { (keyID($0), key($0)) })
  }

  public static func role(_ role: Role) -> JSONDraft {
    .object([
      ("keyids", .array(role.keys.map { .text(keyID($0)) })), ("threshold", .raw(String(role.threshold))),
    ])
  }

  public func rootDraft(_ version: Int) -> JSONDraft {
    draft(
      "root", version,
      [
        ("consistent_snapshot", .raw(hasConsistentSnapshots ? "true" : "false")),
        ("keys", Self.keys(root.keys + timestamp.keys + snapshot.keys + targets.keys)),
        (
          "roles",
          .object([
            ("root", Self.role(root)), ("timestamp", Self.role(timestamp)), ("snapshot", Self.role(snapshot)),
            ("targets", Self.role(targets)),
          ])
        ),
      ])
  }

  public func timestampDraft(_ version: Int, snapshot: JSONDraft) -> JSONDraft {
    draft("timestamp", version, [("meta", .object([("snapshot.json", snapshot)]))])
  }

  /// - Parameter files: for example `targets.json`, with what is said of it.
  public func snapshotDraft(_ version: Int, files: [(String, JSONDraft)]) -> JSONDraft {
    draft("snapshot", version, [("meta", .object(files))])
  }

  public func targetsDraft(
    _ version: Int, targets: [(String, [UInt8])], delegations: JSONDraft? = nil
  ) -> JSONDraft {
    draft(
      "targets", version,
      [
        (
          "targets",
          .object(
            targets.map { name, bytes in
              (
                name,
                .object([
                  ("length", .raw(String(bytes.count))),
                  ("hashes", .object([("sha256", .text(Encoding.hex(HashName.sha256(bytes))))])),
                ])
              )
            })
        )
      ] + (delegations.map { [("delegations", $0)] } ?? []))
  }

  private func draft(_ type: String, _ version: Int, _ rest: [(String, JSONDraft)]) -> JSONDraft {
    .object(
      [
        ("_type", .text(type)), ("version", .raw(String(version))), ("expires", .text(Self.time(expires))),
        ("spec_version", .text("1.0.31")),
      ] + rest)
  }

  /// What one file says of another.
  public static func description(_ version: Int, of bytes: [UInt8]? = nil) -> JSONDraft {
    .object(
      [("version", .raw(String(version)))]
        + (bytes.map {
          [
            ("length", .raw(String($0.count))),
            ("hashes", .object([("sha256", .text(Encoding.hex(HashName.sha256($0))))])),
          ]
        } ?? []))
  }

  /// A file: `signed`, with signatures by these keys over its canonical form.
  public static func file(_ signed: JSONDraft, by keys: [VirtualKey]) -> [UInt8] {
    let message = signed.canonical
    return JSONDraft.object([
      (
        "signatures",
        .array(
          keys.map { .object([("keyid", .text(keyID($0))), ("sig", .text(Encoding.hex($0.sign(message))))]) })
      ), ("signed", signed),
    ]).bytes
  }

  /// RFC 3339, from an UTCTime.
  static func time(_ seconds: Int64) -> String {
    let digits = Array(String(decoding: DERWriter.time(seconds).dropFirst(2).dropLast(), as: UTF8.self))
    func part(_ index: Int) -> String { String(digits[(index * 2)..<(index * 2 + 2)]) }
    return "20\(part(0))-\(part(1))-\(part(2))T\(part(3)):\(part(4)):\(part(5))Z"
  }
}

extension JSONDraft {
  /// OLPC canonical JSON, written apart from the product's own: sorted by bytes, nothing escaped but `"` and `\`.
  public var canonical: [UInt8] {
    switch self {
    case .object(let fields):
      let sorted = fields.sorted { Array($0.0.utf8).lexicographicallyPrecedes(Array($1.0.utf8)) }
      let parts = sorted.map { JSONDraft.text($0.0).canonical + [0x3a] + $0.1.canonical }
      return [0x7b] + Array(parts.joined(separator: [0x2c])) + [0x7d]
    case .array(let elements): return [0x5b] + Array(elements.map(\.canonical).joined(separator: [0x2c])) + [0x5d]
    case .text(let text):
      return [0x22] + text.utf8.flatMap { $0 == 0x22 || $0 == 0x5c ? [0x5c, $0] : [$0] } + [0x22]
    default: return bytes
    }
  }
}
