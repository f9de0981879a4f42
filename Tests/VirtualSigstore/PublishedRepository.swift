/// A state of a TUF repository with its versions: every file that it serves, by path. Change a member for the next state.
public struct PublishedRepository: Sendable {
  public var repository: VirtualRepository
  /// Signed root files, the first of version 1.
  public private(set) var roots: [[UInt8]]
  public var timestampVersion = 1
  public var snapshotVersion = 1
  public var targetsVersion = 1
  /// By target path.
  public var targets: [(String, [UInt8])]
  /// Roles to which the targets file delegates, in its order: name, keys, and what it says of itself.
  public var delegations: JSONDraft?
  /// Signed files of delegated roles: name, version, bytes.
  public var delegated: [(name: String, version: Int, file: [UInt8])] = []
  /// Files that take the place of those made here, by path.
  public var replaced: [String: [UInt8]] = [:]

  public init(_ repository: VirtualRepository, targets: [(String, [UInt8])]) {
    self.repository = repository
    self.targets = targets
    roots = [VirtualRepository.file(repository.rootDraft(1), by: repository.root.keys)]
  }

  /// The next root: what `repository` says now, signed by the keys of before and of now.
  public mutating func rotate(_ change: (inout VirtualRepository) -> Void = { _ in }) {
    let old = repository.root.keys
    change(&repository)
    let new = repository.root.keys.filter { key in
      !old.contains { VirtualRepository.keyID($0) == VirtualRepository.keyID(key) }
    }
    roots.append(VirtualRepository.file(repository.rootDraft(roots.count + 1), by: old + new))
  }

  /// A new root of any bytes.
  public mutating func add(root: [UInt8]) { roots.append(root) }

  /// All versions one higher, as a repository that changed its targets has it.
  public mutating func advance() {
    targetsVersion += 1
    snapshotVersion += 1
    timestampVersion += 1
  }

  // MARK: Files

  public var targetsFile: [UInt8] {
    VirtualRepository.file(
      repository.targetsDraft(targetsVersion, targets: targets, delegations: delegations), by: repository.targets.keys)
  }

  public var snapshotFile: [UInt8] {
    let roles =
      [("targets.json", targetsVersion, targetsFile)] + delegated.map { ($0.name + ".json", $0.version, $0.file) }
    return VirtualRepository.file(
      repository.snapshotDraft(
        snapshotVersion, files: roles.map { ($0.0, VirtualRepository.description($0.1, of: $0.2)) }),
      by: repository.snapshot.keys)
  }

  public var timestampFile: [UInt8] {
    VirtualRepository.file(
      repository.timestampDraft(
        timestampVersion, snapshot: VirtualRepository.description(snapshotVersion, of: snapshotFile)),
      by: repository.timestamp.keys)
  }

  /// By path below the repository's address, without a slash in front.
  public var files: [String: [UInt8]] {
    let isConsistent = repository.hasConsistentSnapshots
    func name(_ version: Int, _ name: String) -> String { isConsistent ? "\(version).\(name)" : name }
    var files = [
      "timestamp.json": timestampFile, name(snapshotVersion, "snapshot.json"): snapshotFile,
      name(targetsVersion, "targets.json"): targetsFile,
    ]
    for (index, root) in roots.enumerated() { files["\(index + 1).root.json"] = root }
    for role in delegated { files[name(role.version, Self.encoded(role.name) + ".json")] = role.file }
    for (path, bytes) in targets { files["targets/" + Self.served(path, bytes, isConsistent)] = bytes }
    return files.merging(replaced) { _, new in new }
  }

  public static func served(_ path: String, _ bytes: [UInt8], _ isConsistent: Bool) -> String {
    var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if isConsistent { parts[parts.count - 1] = Encoding.hex(HashName.sha256(bytes)) + "." + parts[parts.count - 1] }
    return parts.map(encoded).joined(separator: "/")
  }

  /// Everything but letters, digits and `-._~`.
  public static func encoded(_ name: String) -> String {
    name.utf8.map { byte in
      let plain = Array("-._~".utf8) + Array(0x30...0x39) + Array(0x41...0x5a) + Array(0x61...0x7a)
      return plain.contains(byte) ? String(UnicodeScalar(byte)) : "%" + Encoding.hex([byte]).uppercased()
    }.joined()
  }
}
