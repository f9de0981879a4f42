import FileSystem
import FulcioCert
import OpenSSLCrypto
import SigstoreBundle
import SigstoreServices
import SigstoreTrust
import SigstoreVerify
import TrustStore
import VerdictReport
import WireCoding

/// Gets one release onto the disk: resolve, download, check, verify, unpack, compare, switch. `install` and `upgrade` are
/// this with different words around it.
final class Installer {
  struct Order {
    let coordinates: Coordinates
    let target: Target
    let flag: TrustFlag
    /// Where plugins go, as the operator wrote it.
    let destination: String
  }

  struct Outcome {
    let id: PluginID
    let version: SemanticVersion
    let target: String
    let sha256: String
    let size: Int
    let folder: String
    let wasAlreadyPresent: Bool
    let minimumNexoVersion: String?
    let mode: TrustMode
    let signature: BoundSignature?
    let matchedOwner: String?
  }

  let context: InstallContext
  let reporter: Reporter
  let settings: Settings
  let source: any ReleaseSource
  /// The verdict, for the report, whichever way it went.
  private(set) var verification: JSONOutput?

  init(_ context: InstallContext, _ reporter: Reporter, _ settings: Settings, _ source: any ReleaseSource) {
    self.context = context
    self.reporter = reporter
    self.settings = settings
    self.source = source
  }

  // MARK: Finding

  /// A release with the tarball that was chosen; nothing of it is verified.
  struct Found {
    let release: Release
    let manifest: Manifest
    let tarball: ChosenTarball
    let checksum: Checksum
    let material: SigningAssets

    var id: PluginID { manifest.id }
  }

  func find(_ coordinates: Coordinates, _ target: Target) throws(InstallFailure) -> Found {
    let release = try source.release(coordinates)
    guard let asset = release.asset(Manifest.name) else {
      throw release.shapeError("release `\(release.tag)` is missing required asset `\(Manifest.name)`")
    }
    let bytes = try source.read(asset, of: release, role: .manifest, limit: Manifest.limit)
    let manifest: Manifest
    do throws(ManifestProblem) { manifest = try Manifest(parsing: bytes) } catch {
      throw release.shapeError(error.isText ? "manifest parse failed: \(error.text)" : error.text)
    }
    guard manifest.version == release.version else {
      throw release.shapeError(
        "release `\(release.tag)` has a manifest of version `\(manifest.version.text)`")
    }
    let tarball = try ChosenTarball(of: manifest.id, in: release, for: target)
    guard tarball.asset.size ?? 0 <= UnpackLimits().compressed else {
      throw InstallFailure(
        .tarballTooLarge,
        "tarball at `\(tarball.asset.name)` is \(tarball.asset.size ?? 0) bytes, exceeds limit \(UnpackLimits().compressed)"
      )
    }
    let body = try source.read(tarball.checksum, of: release, role: .checksum, limit: Checksum.limit)
    return Found(
      release: release, manifest: manifest, tarball: tarball, checksum: try Checksum(parsing: body, id: manifest.id),
      material: SigningAssets(for: tarball.asset, in: release))
  }

  // MARK: Installing

  func install(_ order: Order, _ found: Found) throws(InstallFailure) -> Outcome {
    sayFound(found)
    let root: PluginRoot
    do throws(SystemError) { root = try PluginRoot(path: order.destination, create: true) } catch {
      throw InstallFailure(.io, "install io error: create dest: \(order.destination): \(error.text)")
    }
    defer { root.removeIfUnused() }
    let staging: Staging
    let tarball: ScratchFile
    do throws(SystemError) {
      staging = try root.makeStaging()
      tarball = try ScratchFile(in: staging.folder)
    } catch { throw InstallFailure(.io, "install io error: create dest: \(order.destination): \(error.text)") }
    let received = try receive(order, found, into: tarball)
    reporter.step("Extracting to \(order.destination)")
    let placing = Placing(
      root: root, staging: staging, found: found, order: order, received: received, size: tarball.size,
      source: source.name, now: context.now(), isCancelled: context.isCancelled)
    let placed = try placing.place(tarball) { self.reporter.warn($0) }
    return Outcome(
      id: found.id, version: found.release.version, target: found.tarball.target,
      sha256: Hex.encode(received.digest.bytes), size: tarball.size,
      folder: "\(order.destination)/\(placed.folderName)", wasAlreadyPresent: placed.wasAlreadyPresent,
      minimumNexoVersion: placed.manifest.minimumNexoVersion, mode: received.mode,
      signature: received.signature?.bound, matchedOwner: received.matchedOwner)
  }

  func sayFound(_ found: Found) {
    let size = found.tarball.asset.size.map { byteCount($0) + ", " } ?? ""
    reporter.success(
      "Found release v\(found.release.version.text) (\(found.tarball.target), \(size)sha256 \(shortDigest(found.checksum.hex)))"
    )
  }

  /// A tarball that is here, with what the policy has to say of it.
  struct Received {
    let digest: Digest
    let mode: TrustMode
    let matchedOwner: String?
    /// Nil where the mode lets an unverified one pass.
    let signature: Believed?
  }

  /// Downloads, checks the checksum, and decides whether the policy lets it in.
  func receive(_ order: Order, _ found: Found, into tarball: ScratchFile) throws(InstallFailure) -> Received {
    reporter.step("Downloading")
    let digest = try download(found, into: tarball)
    reporter.success("sha256 verified")
    try warnAboutInstalled(order, found)
    let trust = settings.trustedKeys.effectiveMode(owner: order.coordinates.owner, flag: order.flag)
    let signature = try believe(order, found, trust, tarball, digest)
    return Received(digest: digest, mode: trust.mode, matchedOwner: trust.author?.owner, signature: signature)
  }

  private func download(_ found: Found, into file: ScratchFile) throws(InstallFailure) -> Digest {
    try reporter.withProgress { (progress) throws(InstallFailure) in
      try source.download(
        found.tarball.asset, of: found.release, into: file, limit: UnpackLimits().compressed, progress: progress)
    }
    let digest: Digest
    do throws(SystemError) { digest = try file.finishSHA256() } catch {
      throw InstallFailure(.io, "install io error: flush tarball: \(error.text)")
    }
    let got = Hex.encode(digest.bytes)
    guard got == found.checksum.hex else {
      throw InstallFailure(
        .sha256Mismatch,
        "sha256 mismatch for `\(found.id.text)`: expected `\(found.checksum.hex)`, got `\(got)`. Tarball was tampered or the .sha256 asset is stale.",
        expected: found.checksum.hex, presented: got)
    }
    return digest
  }

  /// Installing over a higher version, or the plugin of somebody else, is the operator's right; he should know that he does.
  private func warnAboutInstalled(_ order: Order, _ found: Found) throws(InstallFailure) {
    for plugin in try installed(order, found) {
      if found.release.version.precedes(plugin.manifest.version) {
        reporter.warn(
          "\(found.id.text) \(plugin.manifest.version.text) is installed at \(plugin.path), this is a lower version")
      }
      if let record = plugin.record,
        !isSameName(record.owner, found.release.owner) || !isSameName(record.repository, found.release.repository)
      {
        reporter.warn(
          "\(plugin.path) was installed from \(record.owner)/\(record.repository), this is \(found.release.coordinates)"
        )
      }
    }
  }

  private func installed(_ order: Order, _ found: Found) throws(InstallFailure) -> [InstalledPlugin] {
    var paths = settings.searchPaths
    if !paths.contains(order.destination) { paths.append(order.destination) }
    return try PluginStore(searchPaths: paths).versions(of: found.id)
  }

  // MARK: Believing

  struct Believed {
    let bound: BoundSignature
    let material: SigningMaterial
  }

  private func believe(
    _ order: Order, _ found: Found, _ trust: TrustedKeys.Effective, _ tarball: ScratchFile, _ digest: Digest
  ) throws(InstallFailure) -> Believed? {
    let owner = order.coordinates.owner
    if trust.overridden {
      reporter.warn("--skip-signature-verify overrides mode 'require' for `\(owner)`: nothing is verified.")
    }
    let decision = TrustDecision(mode: trust.mode, material: found.material, isAuthorListed: trust.author != nil)
    try decision.check(owner: owner)
    if decision != .verify {
      try DeniedList.check(settings.denied, digest: digest, origin: found.release.coordinates)
      if decision != .skip { try refuseDowngrade(order, found) }
    }
    switch decision {
    case .acceptUnsigned(let isListed):
      reporter.warn("No signature in release; trust mode is '\(trust.mode.rawValue)' — proceeding unverified.")
      if isListed {
        reporter.warn(
          "trusted_keys.toml has an entry for `\(owner)`: its releases should be signed; consider mode 'require'.")
      }
    case .acceptUnknownAuthor:
      reporter.warn("No `[[authors]]` entry for `\(owner)` in trusted_keys.toml; proceeding unverified.")
    case .verify:
      guard let author = trust.author else { break }
      reporter.step("Verifying signature against trusted_keys.toml")
      let believed = try verify(author, found, tarball, digest)
      reporter.success("Signature verified (identity: \(believed.bound.signer.subject.text))")
      return believed
    case .skip, .refuseUnsigned, .refuseUnknownAuthor, .refuseIncomplete: break
    }
    return nil
  }

  /// A plugin that was once installed with a verified signature does not come back without one: whoever stripped the
  /// signature from the release would have what he wants in mode warn.
  private func refuseDowngrade(_ order: Order, _ found: Found) throws(InstallFailure) {
    let earlier = try installed(order, found).first {
      $0.record.map { isSameName($0.owner, order.coordinates.owner) && $0.wasVerified } ?? false
    }
    guard let earlier else { return }
    throw InstallFailure(
      .policyRequiresSig,
      "`\(found.id.text)` is installed with a verified signature at \(earlier.path), and this release cannot be verified",
      reason: "install.signatureDowngrade", expected: earlier.record?.signature?.identity,
      hint: [
        "Hint: ask the plugin author why this release has no signature. To install it all the same, remove the plugin first,",
        "or pass --skip-signature-verify.",
      ])
  }

  private func verify(
    _ author: TrustedAuthor, _ found: Found, _ tarball: ScratchFile, _ digest: Digest
  ) throws(InstallFailure) -> Believed {
    let material = try material(found)
    let further = ReleaseVerifier.algorithms(for: material).subtracting([.sha256])
    let artifact: ArtifactDigests
    do {
      artifact = try ArtifactDigests([digest] + (further.isEmpty ? [] : tarball.digests(further)))
    } catch { throw InstallFailure(.verifyIo, "verify io error: read the tarball again: \(error)") }
    let root = try settings.trustedRoot(reporter, at: context.now())
    let verifier = ReleaseVerifier(
      root: root, now: context.now(), maximumTrustAge: settings.maximumTrustAge,
      requiresInclusionProof: settings.log.requiresInclusionProof, denied: settings.denied, lookUp: lookUp,
      observe: observation(root))
    if verifier.asksLog(material, author) {
      // Whoever is asked learns what is being installed.
      reporter.step("Asking the log \(settings.log.address ?? LogLookUp.publicLog) for the signature's entry")
    }
    let answer = verifier.verify(
      material,
      .init(
        artifact: artifact, author: author, owner: found.release.owner, repository: found.release.repository,
        tag: found.release.tag))
    verification = answer.json(root: root.sourceDescription)
    return Believed(bound: try answer.result.get(), material: material.completed(answer))
  }

  private var log: LogLookUp {
    LogLookUp(
      base: settings.log.address ?? LogLookUp.publicLog, environment: context.environment,
      isCancelled: context.isCancelled)
  }

  private func observation(_ root: TrustedRoot) -> LogObservation {
    let (log, memory, logs) = (log, LogMemory(environment: context.environment), root.transparencyLogs)
    return { (checkpoint) throws(VerificationFailure) in try memory.watch(logs, log).observe(checkpoint) }
  }

  /// Nil where no log may be asked.
  private var lookUp: LogQuestion? {
    guard !settings.log.isOffline else { return nil }
    let lookUp = log
    return { (query) throws(VerificationFailure) in try lookUp.entries(query) }
  }

  func material(_ found: Found) throws(InstallFailure) -> SigningMaterial {
    switch found.material {
    case .bundle(let asset):
      return try SigningMaterial(
        bundle: source.read(asset, of: found.release, role: .signature, limit: SigningMaterial.bundleLimit))
    case .pair(let signature, let certificate):
      return try SigningMaterial(
        signature: source.read(signature, of: found.release, role: .signature, limit: SigningMaterial.looseLimit),
        certificate: source.read(certificate, of: found.release, role: .signature, limit: SigningMaterial.looseLimit))
    case .none, .incomplete:
      throw InstallFailure(.policyRequiresSig, "there is no signature to verify", reason: "policy.unsigned")
    }
  }
}
