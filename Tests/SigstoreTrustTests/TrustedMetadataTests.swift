import SigstoreTrust
import Testing
import VirtualSigstore
import WireCoding

/// A repository of five files, and the state machine that believes them one after the other.
private struct Repository {
  static let now: Int64 = 1_700_000_000

  var virtual = VirtualRepository(expires: Repository.now + 1000)
  var targetVersion = 4
  var snapshotVersion = 3
  var timestampVersion = 2
  var targetsExtra: [(String, JSONDraft)] = []
  /// Whether timestamp and snapshot state length and hashes.
  var statesBytes = true

  static let file = Array("the trusted root".utf8)

  var root: [UInt8] { root(1) }

  func root(_ version: Int, by keys: [VirtualKey]? = nil) -> [UInt8] {
    VirtualRepository.file(virtual.rootDraft(version), by: keys ?? virtual.root.keys)
  }

  var targets: [UInt8] {
    VirtualRepository.file(
      virtual.targetsDraft(targetVersion, targets: [("trusted_root.json", Self.file)]), by: virtual.targets.keys)
  }

  var snapshot: [UInt8] {
    VirtualRepository.file(
      virtual.snapshotDraft(
        snapshotVersion,
        files: [("targets.json", VirtualRepository.description(targetVersion, of: statesBytes ? targets : nil))]
          + targetsExtra), by: virtual.snapshot.keys)
  }

  var timestamp: [UInt8] {
    VirtualRepository.file(
      virtual.timestampDraft(
        timestampVersion,
        snapshot: VirtualRepository.description(snapshotVersion, of: statesBytes ? snapshot : nil)),
      by: virtual.timestamp.keys)
  }

  func trusted(at time: Int64 = Repository.now) throws -> TrustedMetadata {
    try TrustedMetadata(root: root, at: UnixTime(seconds: time))
  }

  /// All of it, to the end.
  func complete(at time: Int64 = Repository.now) throws -> TrustedMetadata {
    var trusted = try trusted(at: time)
    try trusted.update(timestamp: timestamp)
    try trusted.update(snapshot: snapshot)
    try trusted.update(targets: targets)
    return trusted
  }
}

private func code(_ body: () throws -> Void) -> MetadataCode? {
  do {
    try body()
    return nil
  } catch { return (error as? MetadataFailure)?.code }
}

@Suite("Trusted metadata")
struct TrustedMetadataTests {
  private static let later = VirtualKey(.p256, seed: "a later root key")

  @Test("root, timestamp, snapshot, targets, and the file that they name", arguments: [true, false])
  func complete(statesBytes: Bool) throws {
    var repository = Repository()
    repository.statesBytes = statesBytes
    let trusted = try repository.complete()
    let target = try #require(try trusted.look(for: "trusted_root.json", in: "targets").target)
    #expect(code { try target.check(Repository.file) } == nil)
    #expect(code { try target.check(Repository.file + [0]) } == .targetMismatch)
    #expect(code { try target.check([0x54] + Repository.file.dropFirst()) } == .targetMismatch)
    #expect(try trusted.look(for: "none", in: "targets").target == nil)
    #expect(trusted.rootVersion == 1 && trusted.timestampVersion == 2 && trusted.snapshotVersion == 3)
  }

  @Test("case 47: a first root has to be signed by its own keys, as many as it says")
  func firstRoot() {
    let repository = Repository()
    let keys = repository.virtual.root.keys
    for signers in [[keys[0], keys[1]], [keys[2], keys[0]], keys] {
      #expect(
        code {
          _ = try TrustedMetadata(root: repository.root(1, by: signers), at: UnixTime(seconds: Repository.now))
        } == nil)
    }
    for signers in [[], [keys[0]], [keys[0], Self.later]] {
      #expect(
        code {
          _ = try TrustedMetadata(root: repository.root(1, by: signers), at: UnixTime(seconds: Repository.now))
        } == .threshold)
    }
  }

  @Test("case 47: the next root is signed by the old keys and by the new, and is the next version")
  func nextRoot() throws {
    let old = Repository()
    var new = old
    new.virtual.root.keys = [old.virtual.root.keys[0], Self.later, VirtualKey(.ed25519, seed: "another")]
    let both = old.virtual.root.keys + new.virtual.root.keys.dropFirst()
    func next(_ version: Int, _ keys: [VirtualKey]) throws -> MetadataCode? {
      var trusted = try old.trusted()
      let result = code { try trusted.update(root: new.root(version, by: keys)) }
      #expect(trusted.rootVersion == (result == nil ? 2 : 1))
      return result
    }
    #expect(try next(2, both) == nil)
    #expect(try next(2, old.virtual.root.keys) == .threshold)
    #expect(try next(2, new.virtual.root.keys) == .threshold)
    #expect(try next(1, both) == .versionMismatch)
    #expect(try next(3, both) == .versionMismatch)
    // Version 3 by the keys of version 2.
    var trusted = try old.trusted()
    try trusted.update(root: new.root(2, by: both))
    #expect(code { try trusted.update(root: new.root(3)) } == nil)
    #expect(trusted.rootVersion == 3)
  }

  @Test("case 47: one key under two ids is one key, one id twice is no file, a threshold of none is no role")
  func distinct() throws {
    let repository = Repository()
    let keys = repository.virtual.root.keys
    func first(_ change: (inout JSONDraft) -> Void, by signers: [VirtualKey]) -> MetadataCode? {
      var signed = repository.virtual.rootDraft(1)
      change(&signed)
      var file = JSONDraft.object([
        (
          "signatures",
          .array(
            signers.map {
              .object([
                ("keyid", .text(VirtualRepository.keyID($0))), ("sig", .text(Encoding.hex($0.sign(signed.canonical)))),
              ])
            })
        ), ("signed", signed),
      ])
      if signers.count == 1 {
        // The same signature again, under the second id.
        let alias = JSONDraft.object([
          ("keyid", .text("alias")), ("sig", .text(Encoding.hex(signers[0].sign(signed.canonical)))),
        ])
        if case .array(let list)? = file["signatures"] { file["signatures"] = .array(list + [alias]) }
      }
      return code { _ = try TrustedMetadata(root: file.bytes, at: UnixTime(seconds: Repository.now)) }
    }
    let aliased: (inout JSONDraft) -> Void = {
      $0["keys.alias"] = VirtualRepository.key(keys[0])
      $0["roles.root.keyids"] = .array([.text(VirtualRepository.keyID(keys[0])), .text("alias")])
    }
    #expect(first(aliased, by: [keys[0]]) == .threshold)
    // An id is opaque: it need not be the key's hash.
    #expect(
      first(
        {
          aliased(&$0)
          $0["roles.root.threshold"] = .raw("1")
        }, by: [keys[0]]) == nil)
    #expect(first({ _ in }, by: [keys[0], keys[0]]) == .malformed)
    for threshold in ["0", "-1", "1.5", "\"1\""] {
      #expect(first({ $0["roles.root.threshold"] = .raw(threshold) }, by: keys) == .malformed)
    }
    #expect(
      first({ $0["roles.root.keyids"] = .array([.text("a"), .text("a")]) }, by: keys) == .malformed)
  }

  @Test("a wrong or empty signature beside enough good ones does no harm")
  func extraSignatures() throws {
    let repository = Repository()
    var file = JSONDraft.object([])
    let signed = repository.virtual.rootDraft(1)
    let keys = repository.virtual.root.keys
    let good = keys.dropFirst().map {
      JSONDraft.object([
        ("keyid", .text(VirtualRepository.keyID($0))), ("sig", .text(Encoding.hex($0.sign(signed.canonical)))),
      ])
    }
    for bad in ["", "00", "3006020101020101"] {
      let other = JSONDraft.object([("keyid", .text(VirtualRepository.keyID(keys[0]))), ("sig", .text(bad))])
      file = .object([("signatures", .array([other] + good)), ("signed", signed)])
      #expect(code { _ = try TrustedMetadata(root: file.bytes, at: UnixTime(seconds: Repository.now)) } == nil)
    }
  }

  @Test("case 48: each role signs for itself alone")
  func signers() throws {
    let repository = Repository()
    let stranger = [Self.later]
    var trusted = try repository.trusted()
    let draft = repository.virtual.timestampDraft(2, snapshot: VirtualRepository.description(3))
    for keys in [[], stranger, repository.virtual.snapshot.keys, repository.virtual.root.keys] {
      #expect(code { try trusted.update(timestamp: VirtualRepository.file(draft, by: keys)) } == .threshold)
    }
    #expect(trusted.timestampVersion == nil)
    var bare = repository
    bare.statesBytes = false
    trusted = try bare.trusted()
    try trusted.update(timestamp: bare.timestamp)
    let listing = bare.virtual.snapshotDraft(3, files: [("targets.json", VirtualRepository.description(4))])
    #expect(
      code { try trusted.update(snapshot: VirtualRepository.file(listing, by: bare.virtual.timestamp.keys)) }
        == .threshold)
    try trusted.update(snapshot: bare.snapshot)
    let top = bare.virtual.targetsDraft(4, targets: [])
    #expect(
      code { try trusted.update(targets: VirtualRepository.file(top, by: [bare.virtual.targets.keys[0]])) }
        == .threshold)
  }

  @Test("case 48: an older timestamp, snapshot or targets is a rollback; the same timestamp is kept quietly")
  func rollback() throws {
    let repository = Repository()
    var trusted = try repository.trusted()
    #expect(try trusted.update(timestamp: repository.timestamp))
    #expect(try !trusted.update(timestamp: repository.timestamp))
    var older = repository
    older.timestampVersion = 1
    #expect(code { try trusted.update(timestamp: older.timestamp) } == .rollback)
    var olderSnapshot = repository
    olderSnapshot.timestampVersion = 3
    olderSnapshot.snapshotVersion = 2
    #expect(code { try trusted.update(timestamp: olderSnapshot.timestamp) } == .rollback)
    try trusted.update(snapshot: repository.snapshot)
    // As loaded from a cache, before a newer snapshot.
    for (version, extra, expected) in [
      (3, [], MetadataCode.rollback), (5, [], .rollback), (4, [("npm.json", VirtualRepository.description(7))], nil),
      (5, [("npm.json", VirtualRepository.description(6))], .rollback),
      (5, [("npm.json", VirtualRepository.description(8))], nil),
    ] as [(Int, [(String, JSONDraft)], MetadataCode?)] {
      var cached = repository
      cached.targetsExtra = [("npm.json", VirtualRepository.description(7))]
      cached.statesBytes = false
      var believed = try cached.trusted()
      try believed.update(timestamp: cached.timestamp)
      try believed.update(snapshot: cached.snapshot, isCached: true)
      var newer = cached
      newer.targetVersion = version
      newer.targetsExtra = extra
      #expect(code { try believed.update(snapshot: newer.snapshot) } == expected, "\(version)")
    }
  }

  @Test("case 48: a mix of versions, and bytes that were not announced")
  func mix() throws {
    var repository = Repository()
    var trusted = try repository.trusted()
    try trusted.update(timestamp: repository.timestamp)
    var other = repository
    other.snapshotVersion = 4
    #expect(code { try trusted.update(snapshot: other.snapshot) } == .contentMismatch)
    repository.statesBytes = false
    other.statesBytes = false
    trusted = try repository.trusted()
    try trusted.update(timestamp: repository.timestamp)
    #expect(code { try trusted.update(snapshot: other.snapshot) } == .versionMismatch)
    trusted = try repository.trusted()
    try trusted.update(timestamp: repository.timestamp)
    try trusted.update(snapshot: repository.snapshot)
    other.targetVersion = 5
    #expect(code { try trusted.update(targets: other.targets) } == .versionMismatch)
  }

  @Test("case 48: what has expired is refused, the last second included; a root only once it is the last")
  func expiry() throws {
    let repository = Repository()
    let end = Repository.now + 1000
    #expect(code { _ = try repository.complete(at: end - 1) } == nil)
    #expect(code { _ = try repository.complete(at: end) } == .expired)
    // An expired root leads on to one that has not.
    var renewed = repository
    renewed.virtual.expires = end + 1000
    var trusted = try repository.trusted(at: end)
    try trusted.update(root: renewed.root(2))
    #expect(code { try trusted.update(timestamp: renewed.timestamp) } == nil)
    for role in ["timestamp", "snapshot", "targets"] {
      var stale = renewed
      let file: [UInt8]
      stale.statesBytes = false
      var short = stale.virtual
      short.expires = end
      switch role {
      case "timestamp":
        file = VirtualRepository.file(
          short.timestampDraft(2, snapshot: VirtualRepository.description(3)), by: short.timestamp.keys)
      case "snapshot":
        file = VirtualRepository.file(
          short.snapshotDraft(3, files: [("targets.json", VirtualRepository.description(4))]), by: short.snapshot.keys)
      default: file = VirtualRepository.file(short.targetsDraft(4, targets: []), by: short.targets.keys)
      }
      var trusted = try TrustedMetadata(root: stale.root, at: UnixTime(seconds: end))
      let result = code {
        try trusted.update(timestamp: role == "timestamp" ? file : stale.timestamp)
        try trusted.update(snapshot: role == "snapshot" ? file : stale.snapshot)
        try trusted.update(targets: file)
      }
      #expect(result == .expired, "\(role)")
      // It is known all the same: what is older is a rollback.
      if role == "timestamp" {
        var older = stale
        older.timestampVersion = 1
        #expect(code { try trusted.update(timestamp: older.timestamp) } == .rollback)
      }
    }
  }

  @Test("files out of order are refused")
  func order() throws {
    let repository = Repository()
    var trusted = try repository.trusted()
    #expect(code { try trusted.update(snapshot: repository.snapshot) } == .order)
    #expect(code { try trusted.update(targets: repository.targets) } == .order)
    #expect(code { _ = try trusted.look(for: "x", in: "targets") } == .order)
    try trusted.update(timestamp: repository.timestamp)
    #expect(code { try trusted.update(root: repository.root(2)) } == .order)
    try trusted.update(snapshot: repository.snapshot)
    #expect(code { try trusted.update(timestamp: repository.timestamp) } == .order)
    try trusted.update(targets: repository.targets)
    #expect(code { try trusted.update(snapshot: repository.snapshot) } == .order)
    #expect(code { try trusted.update(targets: repository.targets, role: "a", delegator: "targets") } == .order)
  }

  @Test("case 52: malformed metadata is an error")
  func malformed() throws {
    let repository = Repository()
    let changes: [(String, JSONDraft?)] = [
      ("signed._type", .text("snapshot")), ("signed._type", nil), ("signed.version", .raw("0")),
      ("signed.version", .raw("1.0")), ("signed.version", .text("1")), ("signed.expires", nil),
      ("signed.expires", .raw("5")), ("signed.spec_version", .text("2.0")), ("signed.keys", .array([])),
      ("signed.roles", nil), ("signed.roles.snapshot", nil), ("signatures", nil), ("signatures", .object([])),
      ("signatures.0.sig", .text("xyz")), ("signed.consistent_snapshot", .raw("1")), ("signed.x", .raw("1.5")),
    ]
    var good = JSONDraft.object([])
    let signed = repository.virtual.rootDraft(1)
    good = .object([
      (
        "signatures",
        .array(
          repository.virtual.root.keys.map {
            .object([
              ("keyid", .text(VirtualRepository.keyID($0))), ("sig", .text(Encoding.hex($0.sign(signed.canonical)))),
            ])
          })
      ), ("signed", signed),
    ])
    let time = UnixTime(seconds: Repository.now)
    #expect(code { _ = try TrustedMetadata(root: good.bytes, at: time) } == nil)
    for (path, value) in changes {
      var draft = good
      draft[path] = value
      #expect(code { _ = try TrustedMetadata(root: draft.bytes, at: time) } == .malformed, "\(path)")
    }
    for text in ["", "{", "[]", "null", "{\"signed\":{},\"signed\":{}}"] {
      #expect(code { _ = try TrustedMetadata(root: Array(text.utf8), at: time) } == .malformed)
    }
    let large = [UInt8](repeating: 0x20, count: MetadataLimits.root + 1)
    #expect(code { _ = try TrustedMetadata(root: large, at: time) } == .tooLarge)
  }

  @Test("an unknown field is signed with the rest, and otherwise left alone")
  func unknownField() throws {
    let repository = Repository()
    var draft = repository.virtual.rootDraft(1)
    draft["x-kü\"\\ü"] = .array([.raw("true"), .raw("null"), .text("a\nb"), .raw("-5")])
    let file = VirtualRepository.file(draft, by: repository.virtual.root.keys)
    let time = UnixTime(seconds: Repository.now)
    #expect(code { _ = try TrustedMetadata(root: file, at: time) } == nil)
    let changed = String(decoding: file, as: UTF8.self).replacing("true,null", with: "false,null")
    #expect(code { _ = try TrustedMetadata(root: Array(changed.utf8), at: time) } == .threshold)
  }
}

@Suite("Delegations")
struct DelegationTests {
  private static let npm = VirtualKey(.p256, seed: "npm")

  private func looks(_ delegations: JSONDraft, _ path: String) throws -> [String] {
    var repository = Repository()
    repository.statesBytes = false
    var trusted = try repository.trusted()
    try trusted.update(timestamp: repository.timestamp)
    try trusted.update(snapshot: repository.snapshot)
    try trusted.update(
      targets: VirtualRepository.file(
        repository.virtual.targetsDraft(4, targets: [], delegations: delegations), by: repository.virtual.targets.keys))
    return try trusted.look(for: path, in: "targets").delegated.map { $0.role + ($0.isTerminating ? "!" : "") }
  }

  private static func role(_ name: String, _ scope: (String, [String]), isTerminating: Bool = false) -> JSONDraft {
    .object([
      ("name", .text(name)), ("keyids", .array([.text(VirtualRepository.keyID(npm))])), ("threshold", .raw("1")),
      ("terminating", .raw(isTerminating ? "true" : "false")), (scope.0, .array(scope.1.map { .text($0) })),
    ])
  }

  private static func delegations(_ roles: [JSONDraft]) -> JSONDraft {
    .object([("keys", VirtualRepository.keys([npm])), ("roles", .array(roles))])
  }

  @Test(
    "patterns stay within a part of the path",
    arguments: [
      ("a/*", "a/b", true), ("a/*", "a/b/c", false), ("*", "a", true), ("*", "a/b", false), ("a/?", "a/b", true),
      ("a/?", "a/", false), ("a/?", "a/bc", false), ("a/?", "a/ü", true), ("a/*.json", "a/x.json", true),
      ("a/*.json", "a/x.JSON", false), ("*/*", "a/b", true), ("a*b*c", "axxbyyc", true), ("a*b*c", "axxbyy", false),
      ("", "", true), ("a", "A", false), ("a/*", "a/", true), ("[a]", "a", false), ("é", "e\u{301}", false),
      ("**", "abc", true), ("*?", "", false),
    ])
  func patterns(pattern: String, path: String, isMatch: Bool) throws {
    let found = try looks(Self.delegations([Self.role("r", ("paths", [pattern]))]), path)
    #expect(found == (isMatch ? ["r"] : []))
  }

  @Test("a pattern of stars costs no time")
  func stars() throws {
    let pattern = String(repeating: "*a", count: 2000)
    let path = String(repeating: "a", count: 1999) + "b"
    #expect(try looks(Self.delegations([Self.role("r", ("paths", [pattern]))]), path) == [])
  }

  @Test("roles in the order of the file; terminating ones say so; hash prefixes; hash bins")
  func order() throws {
    let hash = Encoding.hex(HashName.sha256(Array("a/b".utf8)))
    let roles = [
      Self.role("one", ("paths", ["x", "a/*"])), Self.role("two", ("path_hash_prefixes", [String(hash.prefix(3))])),
      Self.role("three", ("paths", ["*/b"]), isTerminating: true), Self.role("four", ("path_hash_prefixes", ["zz"])),
      Self.role("five", ("path_hash_prefixes", [hash])),
    ]
    #expect(try looks(Self.delegations(roles), "a/b") == ["one", "two", "three!", "five"])
    for bits in [1, 4, 5, 8, 14] {
      let bins = JSONDraft.object([
        ("keys", VirtualRepository.keys([Self.npm])),
        (
          "succinct_roles",
          .object([
            ("keyids", .array([.text(VirtualRepository.keyID(Self.npm))])), ("threshold", .raw("1")),
            ("bit_length", .raw(String(bits))), ("name_prefix", .text("bin")),
          ])
        ),
      ])
      let value = Int(hash.prefix(4), radix: 16)! >> (16 - bits)
      let hex = String(value, radix: 16)
      let digits = (bits + 3) / 4
      #expect(
        try looks(bins, "a/b") == ["bin-" + String(repeating: "0", count: digits - hex.count) + hex + "!"], "\(bits)")
    }
  }

  @Test("delegations that are refused")
  func malformed() {
    for delegations in [
      Self.delegations([Self.role("targets", ("paths", ["*"]))]), Self.delegations([Self.role("", ("paths", ["*"]))]),
      Self.delegations([Self.role("a", ("paths", ["*"])), Self.role("a", ("paths", ["*"]))]),
      Self.delegations([Self.role("a", ("nothing", ["*"]))]), .object([("keys", .array([]))]),
      .object([
        ("keys", VirtualRepository.keys([Self.npm])), ("succinct_roles", .object([("bit_length", .raw("15"))])),
      ]),
    ] {
      #expect(code { _ = try looks(delegations, "x") } == .malformed)
    }
  }

  @Test("what nobody signed is not read, whatever it unfolds to; long names are refused")
  func unsignedBins() throws {
    func bins(_ prefix: String) -> JSONDraft {
      .object([
        ("keys", VirtualRepository.keys([Self.npm])),
        (
          "succinct_roles",
          .object([
            ("keyids", .array([.text(VirtualRepository.keyID(Self.npm))])), ("threshold", .raw("1")),
            ("bit_length", .raw("14")), ("name_prefix", .text(prefix)),
          ])
        ),
      ])
    }
    let long = String(repeating: "x", count: 60_000)
    var repository = Repository()
    repository.statesBytes = false
    for (delegations, keys, expected) in [
      (bins(long), 0, MetadataCode.threshold), (bins(long), 3, .malformed), (bins("bin"), 0, .threshold),
      (Self.delegations([Self.role(long, ("paths", ["*"]))]), 3, .malformed),
      // Encoded, each of these has six bytes.
      (Self.delegations([Self.role(String(repeating: "я", count: 34), ("paths", ["*"]))]), 3, .malformed),
    ] {
      var trusted = try repository.trusted()
      try trusted.update(timestamp: repository.timestamp)
      try trusted.update(snapshot: repository.snapshot)
      let file = VirtualRepository.file(
        repository.virtual.targetsDraft(4, targets: [], delegations: delegations),
        by: Array(repository.virtual.targets.keys.prefix(keys)))
      #expect(code { try trusted.update(targets: file) } == expected)
    }
    #expect(try looks(bins(String(repeating: "x", count: 195)), "a").count == 1)
  }

  @Test("a delegated role is signed as its delegator says, and listed in the snapshot")
  func delegated() throws {
    var repository = Repository()
    repository.statesBytes = false
    repository.targetsExtra = [("npm.json", VirtualRepository.description(8))]
    func trusted() throws -> TrustedMetadata {
      var trusted = try repository.trusted()
      try trusted.update(timestamp: repository.timestamp)
      try trusted.update(snapshot: repository.snapshot)
      let delegations = Self.delegations([
        Self.role("npm", ("paths", ["npm/*"]), isTerminating: true), Self.role("unlisted", ("paths", ["npm/*"])),
      ])
      try trusted.update(
        targets: VirtualRepository.file(
          repository.virtual.targetsDraft(4, targets: [], delegations: delegations),
          by: repository.virtual.targets.keys))
      return trusted
    }
    func file(_ version: Int, by key: VirtualKey) -> [UInt8] {
      VirtualRepository.file(
        repository.virtual.targetsDraft(version, targets: [("npm/keys.json", Repository.file)]), by: [key])
    }
    var good = try trusted()
    try good.update(targets: file(8, by: Self.npm), role: "npm", delegator: "targets")
    #expect(try good.look(for: "npm/keys.json", in: "npm").target?.length == Repository.file.count)
    for (bytes, role, expected) in [
      (file(8, by: repository.virtual.targets.keys[0]), "npm", MetadataCode.threshold),
      (file(7, by: Self.npm), "npm", .versionMismatch), (file(8, by: Self.npm), "unlisted", .malformed),
      (file(8, by: Self.npm), "other", .order),
    ] {
      var trusted = try trusted()
      #expect(code { try trusted.update(targets: bytes, role: role, delegator: "targets") } == expected)
    }
  }
}

extension TrustedMetadata {
  init(root: [UInt8], at time: UnixTime) throws(MetadataFailure) {
    try self.init(root: root, expiry: .enforced(at: time))
  }
}
