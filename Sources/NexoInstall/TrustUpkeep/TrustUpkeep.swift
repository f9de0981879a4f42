import SigstoreBundle
import SigstoreServices
import SigstoreTrust
import Transport
import TrustStore
import WireCoding

/// Refreshes what is kept of a repository: from its mirror, or from a pack.
struct TrustUpkeep {
  let repository: TrustRepository
  let location: TrustLocation
  let now: UnixTime
  let isCancelled: @Sendable () -> Bool

  init(_ repository: TrustRepository, in context: InstallContext) {
    self.repository = repository
    location = TrustLocation(environment: context.environment)
    // In whole seconds, as the metadata counts.
    now = UnixTime(seconds: context.now().seconds)
    isCancelled = context.isCancelled
  }

  struct Outcome {
    /// Nil where nothing was known at all.
    let before: Known?
    let after: VerifiedPack
    /// Nobody was asked: the last refresh is recent enough.
    let wasRecent: Bool
    /// False for a refresh that could be held in memory alone.
    let isKept: Bool
    let notes: [String]
  }

  /// What was believed before.
  struct Known {
    let roles: [RoleState]
    let trustedRoot: [UInt8]
  }

  /// In seconds. Sigstore signs anew once a day; who does not force it asks no more often than this.
  static let interval: Int64 = 3600

  // MARK: From the network

  /// - Parameters:
  ///   - isForced: asks even where the last refresh is recent.
  ///   - needsDisk: throws where the result cannot be kept.
  func update(
    isForced: Bool, needsDisk: Bool, environment: [String: String]
  ) throws(InstallFailure) -> Outcome {
    let source: HTTPRepository
    do throws(TransportFailure) {
      let rules = try TransportRules.repository(repository.address, environment: environment)
      source = HTTPRepository(base: repository.address, client: HTTPClient(rules: rules, isCancelled: isCancelled))
    } catch { throw InstallFailure(trust: error, "the mirror") }
    return try refresh(
      from: source, named: "the repository at \(repository.address)", expiry: .enforced(at: now), refreshed: now,
      isForced: isForced, needsDisk: needsDisk)
  }

  /// What `--update` of a command does; nil where it was not asked for.
  static func updateIfAsked(
    _ settings: Settings, _ reporter: Reporter, _ context: InstallContext
  ) throws(InstallFailure) -> VerifiedPack? {
    guard settings.trustFlags.updates else { return nil }
    guard settings.trustFlags.rootFile == nil else {
      throw InstallFailure(.flagsConflict, "--update and --trusted-root are mutually exclusive")
    }
    let outcome = try TrustUpkeep(try settings.repository(), in: context)
      .update(isForced: false, needsDisk: false, environment: context.environment)
    outcome.notes.forEach(reporter.warn)
    if !outcome.wasRecent { reporter.step("Refreshed the trusted root") }
    return outcome.after
  }

  // MARK: From a pack

  /// An update from a file: the same rules, except that metadata may have expired on its way.
  ///
  /// - Parameter keeps: false only says whether it would be taken.
  @discardableResult
  func take(_ pack: VerifiedPack, keeps: Bool = true) throws(InstallFailure) -> Outcome {
    if let embedded = repository.newerEmbedded(than: pack) {
      throw InstallFailure(
        trust: MetadataFailure(
          .rollback, "the embedded trusted root is newer", got: "timestamp \(pack.versions.timestamp)",
          want: "\(embedded.timestamp) or later"), "the trust pack")
    }
    return try refresh(
      from: PackRepository(pack), named: "the trust pack", expiry: .unsafelyIgnored, refreshed: pack.refreshed,
      isForced: true, needsDisk: keeps, keeps: keeps)
  }

  // MARK: The work

  /// - Parameters:
  ///   - name: of the source, for people.
  ///   - keeps: false writes nothing.
  private func refresh(
    from source: some RepositorySource, named name: String, expiry: TrustedMetadata.ExpiryRule, refreshed: UnixTime,
    isForced: Bool, needsDisk: Bool, keeps: Bool = true
  ) throws(InstallFailure) -> Outcome {
    var notes: [String] = []
    let cache = location.cache(for: repository)
    let (folder, known) = try open(cache, needsDisk: needsDisk, keeps: keeps, &notes)
    let before =
      known.map { Known(roles: $0.roles, trustedRoot: $0.pack.trustedRoot) }
      ?? repository.embeddedPack.flatMap { try? VerifiedPack($0, roots: repository.roots) }
      .map { Known(roles: $0.roles, trustedRoot: $0.pack.trustedRoot) }
    if let known, !isForced, isRecent(known) {
      return Outcome(before: before, after: known, wasRecent: true, isKept: folder != nil, notes: notes)
    }
    func attempt(_ store: some MetadataStore, _ folder: FolderStore?) throws(UpdateFailure) -> Outcome {
      var update = try RepositoryUpdate(roots: repository.roots, source: source, store: store, expiry: expiry)
      try update.refresh()
      let trustedRoot = try Self.target(&update, known: known)
      // The same state as before is as young as the younger of the two, and nothing is younger than now.
      let isSame = known.map { $0.roles == update.metadata.roles } ?? false
      let pack = TrustPack(
        refreshed: min(now, isSame ? max(refreshed, known?.refreshed ?? refreshed) : refreshed),
        roots: repository.roots + update.metadata.newRoots, metadata: update.metadata.files,
        trustedRoot: trustedRoot)
      // The way by which it is read later, bytes and all, so that nothing is kept that could not be.
      let verified = try Self.judged { () throws(MetadataFailure) in
        let verified = try VerifiedPack(
          try TrustPack(parsing: try VerifiedPack(pack, roots: repository.roots).pack.bytes), roots: repository.roots)
        try Self.checkContent(verified)
        try folder?.save(verified)
        return verified
      }
      return Outcome(before: before, after: verified, wasRecent: false, isKept: folder != nil, notes: notes)
    }
    do throws(UpdateFailure) {
      // What is kept counts, also where nothing is to be written.
      let inMemory = MemoryStore(over: folder ?? known.map { PackStore($0.pack) })
      guard keeps, let folder else { return try attempt(inMemory, nil) }
      do throws(UpdateFailure) { return try attempt(folder, folder) } catch {
        guard !needsDisk, case .metadata(let failure) = error, failure.code == .cacheUnwritable else { throw error }
        notes.append(InstallFailure(trust: failure, "the refreshed trusted root is used once").message)
        return try attempt(inMemory, nil)
      }
    } catch {
      switch error {
      case .metadata(let failure): throw InstallFailure(trust: failure, name)
      case .transport(let failure):
        if failure.code == .cancelled {
          throw InstallFailure(.interrupted, "interrupted; the trusted root that is in use stays so")
        }
        throw InstallFailure(trust: failure, name)
      }
    }
  }

  private func isRecent(_ pack: VerifiedPack) -> Bool {
    let age = now.seconds - pack.refreshed.seconds
    return age >= 0 && age < Self.interval && now < pack.freshUntil
  }

  /// The folder, locked, and what it holds. A state that was altered is named and replaced: nothing of it is believed.
  private func open(
    _ cache: TrustCache?, needsDisk: Bool, keeps: Bool, _ notes: inout [String]
  ) throws(InstallFailure) -> (FolderStore?, VerifiedPack?) {
    guard let cache else {
      guard !needsDisk else {
        throw InstallFailure(
          trust: MetadataFailure(.cacheUnwritable, "SIGSTORE_NO_CACHE forbids it"), "the trusted root")
      }
      return (nil, nil)
    }
    func load(_ notes: inout [String]) -> VerifiedPack? {
      do throws(MetadataFailure) {
        switch try cache.load(repository) {
        case .verified(let pack): return pack
        case .outdated: notes.append("the trusted root that was kept is older than the embedded one, and is replaced")
        case .unreadable(let reason): notes.append("the trusted root that was kept cannot be read: \(reason)")
        case .none: break
        }
      } catch {
        notes.append(InstallFailure(trust: error, "the trusted root that was kept is replaced").message)
      }
      return nil
    }
    guard keeps else { return (nil, load(&notes)) }
    do throws(MetadataFailure) {
      let lock = try cache.open(unless: isCancelled)
      // Only now: whoever held the lock may have changed it.
      let known = load(&notes)
      return (lock.store(knowing: known), known)
    } catch {
      guard !needsDisk else { throw InstallFailure(trust: error, "the trusted root") }
      notes.append(InstallFailure(trust: error, "the refreshed trusted root is used once").message)
      return (nil, load(&notes))
    }
  }

  private static func target(
    _ update: inout RepositoryUpdate, known: VerifiedPack?
  ) throws(UpdateFailure) -> [UInt8] {
    guard let target = try update.target(TrustPack.target) else {
      throw .metadata(MetadataFailure(.fileMissing, place: TrustPack.target))
    }
    // Real ones have some 10 KB; whoever can sign for a larger one could fill the memory.
    guard target.length <= Settings.rootLimit else {
      throw .metadata(
        MetadataFailure(
          .tooLarge, TrustPack.target, got: "\(target.length) bytes", want: "at most \(Settings.rootLimit)"))
    }
    if let kept = known?.pack.trustedRoot, (try? target.check(kept)) != nil { return kept }
    return try update.download(target)
  }

  /// A trusted root that this program cannot read would leave it without any.
  private static func checkContent(_ pack: VerifiedPack) throws(MetadataFailure) {
    do throws(BundleFailure) { _ = try TrustedRootFile(parsing: pack.pack.trustedRoot) } catch {
      throw MetadataFailure(
        .malformed, "\(TrustPack.target): \(error.detail ?? error.code.meaning)", got: error.got, want: error.want,
        place: error.place)
    }
  }

  private static func judged<T>(_ body: () throws(MetadataFailure) -> T) throws(UpdateFailure) -> T {
    do throws(MetadataFailure) { return try body() } catch { throw .metadata(error) }
  }
}
