import FileSystem
import Glibc
public import SigstoreTrust
public import WireCoding

/// Where trusted roots are kept between runs. Which folder it is decides nothing: what is read is verified anew.
public struct TrustLocation: Sendable {
  /// Nil where the environment forbids it (`SIGSTORE_NO_CACHE`).
  public let folder: String?
  /// Another client's folder (`TUF_ROOT`): its single files are read too.
  let isShared: Bool

  /// `$TUF_ROOT`, else `trust` in nexo's own state folder. Empty counts as unset.
  public init(environment: [String: String]) {
    let isForbidden = ["1", "t", "T", "TRUE", "true", "True"].contains(environment["SIGSTORE_NO_CACHE"] ?? "")
    let shared = environment["TUF_ROOT"].flatMap { $0.isEmpty ? nil : $0 }
    folder = isForbidden ? nil : shared ?? Directories(environment: environment).state + "/trust"
    isShared = shared != nil
  }

  /// Nil where nothing is kept.
  public func cache(for repository: TrustRepository) -> TrustCache? {
    folder.map { TrustCache(parent: $0, name: repository.name, isShared: isShared) }
  }
}

/// The folder in which one repository's state is kept.
public struct TrustCache: Sendable {
  public static let packName = "trust.pack"

  private let parent: String
  private let name: String
  private let isShared: Bool

  init(parent: String, name: String, isShared: Bool) {
    self.parent = parent
    self.name = name
    self.isShared = isShared
  }

  public var path: String { "\(parent)/\(name)" }

  // MARK: Reading

  public enum State: Sendable {
    case none
    /// The folder or file cannot be opened, with the reason.
    case unreadable(String)
    case verified(VerifiedPack)
    /// What a root believed that newer ones followed, with keys of others: true once, and no damage.
    case outdated
  }

  /// Verified from the repository's own roots, whatever the folder says of itself. Throws `cacheInvalid` for what is there and is not
  /// what its metadata says: a damaged or altered file must not quietly become an older state.
  public func load(_ repository: TrustRepository) throws(MetadataFailure) -> State {
    let found: Result<TrustPack, MetadataFailure>?
    let above: Folder
    do throws(SystemError) { above = try Folder(path: parent) } catch {
      // There is no such folder, as where the home is no folder either.
      guard ![ENOENT, ENOTDIR].contains(error.number) else { return .none }
      return .unreadable("\(parent): \(error.text)")
    }
    do throws(SystemError) { found = try read(try above.subfolder(name)) } catch {
      switch error.number {
      case ENOENT: return .none
      // A link, no folder, no regular file, too large: nothing that was written here.
      case ELOOP, ENOTDIR, EISDIR, EINVAL, EFBIG: throw MetadataFailure(.cacheInvalid, error.text, place: path)
      default: return .unreadable("\(path): \(error.text)")
      }
    }
    guard let found else { return .none }
    do throws(MetadataFailure) { return .verified(try VerifiedPack(try found.get(), roots: repository.roots)) } catch {
      if case .success(let pack) = found, Self.isOutdated(pack, repository) { return .outdated }
      // Another client keeps its newest root alone, and may be further than ours can follow.
      if isShared, error.code == .chainGap { return .unreadable("\(path): \(error.code.meaning)") }
      throw invalid(error)
    }
  }

  /// Whether one of the earlier roots leads to it.
  private static func isOutdated(_ pack: TrustPack, _ repository: TrustRepository) -> Bool {
    repository.roots.indices.dropFirst().contains { end in
      (try? VerifiedPack(pack, roots: Array(repository.roots[..<end]))) != nil
    }
  }

  /// The pack, else what another client left; nil where there is neither.
  private func read(_ folder: Folder) throws(SystemError) -> Result<TrustPack, MetadataFailure>? {
    guard try folder.entry(Self.packName) != nil else {
      return isShared ? try assembled(folder).map { .success($0) } : nil
    }
    let bytes = try folder.read(Self.packName, limit: TrustPack.limit)
    return Result { () throws(MetadataFailure) in try TrustPack(parsing: bytes) }
  }

  /// A pack of single files, where all that it takes is there.
  private func assembled(_ folder: Folder) throws(SystemError) -> TrustPack? {
    guard let stamp = try folder.entry("timestamp.json"), try folder.entry("targets") != nil else { return nil }
    let targets = try folder.subfolder("targets")
    guard try targets.entry(TrustPack.target) != nil else { return nil }
    var metadata: [String: [UInt8]] = [:]
    var roots: [[UInt8]] = []
    for name in try folder.names(atMost: 256) where name.hasSuffix(".json") {
      guard let bytes = try? folder.read(name, limit: MetadataLimits.targets) else { continue }
      if name == "root.json" { roots.append(bytes) } else { metadata[name] = bytes }
    }
    if let history = try? folder.subfolder("root_history") {
      let versions = try history.names(atMost: 4096).compactMap { name in
        name.hasSuffix(".root.json") ? Int(name.dropLast(".root.json".count)) : nil
      }
      let earlier = versions.sorted().compactMap { try? history.read("\($0).root.json", limit: MetadataLimits.root) }
      roots.insert(contentsOf: earlier, at: 0)
    }
    return TrustPack(
      refreshed: UnixTime(seconds: Int64(stamp.modified)), roots: roots, metadata: metadata,
      trustedRoot: try targets.read(TrustPack.target, limit: TrustPack.limit))
  }

  /// Which rule it breaks is told in the detail.
  private func invalid(_ failure: MetadataFailure) -> MetadataFailure {
    MetadataFailure(
      .cacheInvalid, "\(failure.code.rawValue)\(failure.detail.map { ": \($0)" } ?? "")", got: failure.got,
      want: failure.want, place: "\(path)\(failure.place.map { ": \($0)" } ?? "")")
  }

  // MARK: Writing

  /// The folder, locked: nobody else writes until this value and the store that it makes have gone.
  public struct Lock {
    fileprivate let folder: Folder
    fileprivate let path: String

    /// - Parameter known: what was loaded under this lock.
    public func store(knowing known: VerifiedPack?) -> FolderStore {
      FolderStore(folder, path: path, pack: known?.pack)
    }
  }

  /// Makes the folder where it is not there, for its owner alone. Waits for whoever holds the lock.
  public func open(unless isCancelled: () -> Bool) throws(MetadataFailure) -> Lock {
    do throws(SystemError) {
      try Folder.make(path: parent, mode: 0o700)
      let above = try Folder(path: parent)
      do throws(SystemError) { try above.makeFolder(name, mode: 0o700) } catch {
        guard error.number == EEXIST else { throw error }
      }
      let folder = try above.subfolder(name)
      var attempts = 0
      while try !folder.lock(waits: false) {
        attempts += 1
        // A refresh takes at most some minutes; nobody waits for ever for one that hangs.
        guard !isCancelled(), attempts < 3000 else { throw SystemError(EWOULDBLOCK) }
        usleep(100_000)
      }
      return Lock(folder: folder, path: path)
    } catch { throw MetadataFailure(.cacheUnwritable, error.text, place: path) }
  }
}
