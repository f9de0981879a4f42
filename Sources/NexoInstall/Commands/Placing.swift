import FileSystem
import FulcioCert
import Glibc
import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// Puts a checked tarball into its place: unpacked aside, compared with what is there, recorded, switched in one step.
///
/// At every moment the place holds the old state or the whole new one.
struct Placing {
  let root: PluginRoot
  let staging: Staging
  let found: Installer.Found
  let order: Installer.Order
  let received: Installer.Received
  let size: Int
  let source: String
  let now: UnixTime
  let isCancelled: @Sendable () -> Bool

  struct Placed {
    let folderName: String
    let wasAlreadyPresent: Bool
    let manifest: Manifest
  }

  private static let tree = "tree"

  func place(_ tarball: ScratchFile, warn: (String) -> Void) throws(InstallFailure) -> Placed {
    let name = "\(found.id.text)-\(found.release.version.text)"
    let folder: Folder
    do throws(SystemError) {
      try staging.folder.makeFolder(Self.tree, mode: 0o700)
      folder = try staging.folder.subfolder(Self.tree)
    } catch { throw InstallFailure(.extractIo, "extract io error: \(error.text)") }
    let binary = "bin/\(found.id.text)"
    let tree = try Unpacker.unpack(
      descriptor: tarball.descriptor, name: found.tarball.asset.name, binary: binary, into: folder,
      isCancelled: isCancelled)
    let manifest = try checkManifest(folder, name)
    try checkBinary(tree, folder, binary, name)
    manifest.warnings(hasFile: { tree.file($0) != nil }).forEach(warn)
    let record = record(tree)
    do throws(SystemError) {
      try folder.create(InstallRecord.name, mode: 0o644, Array((record.json.pretty + "\n").utf8))
      try system { fchmod(folder.descriptor, 0o755) }
      try folder.sync()
    } catch { throw InstallFailure(.extractIo, "extract io error: write \(InstallRecord.name): \(error.text)") }
    guard !isCancelled() else { throw .interrupted }
    let wasThere = try root.locked { () throws(InstallFailure) in try switchIn(name, record, tree, warn) }
    return Placed(folderName: name, wasAlreadyPresent: wasThere, manifest: manifest)
  }

  // MARK: Checking the tree

  /// The signed tarball's own manifest decides: the one beside it in the release was neither signed nor hashed.
  private func checkManifest(_ folder: Folder, _ name: String) throws(InstallFailure) -> Manifest {
    let path = "\(root.path)/\(name)/\(Manifest.name)"
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try folder.read(Manifest.name, limit: Manifest.limit) } catch {
      throw InstallFailure(.manifestInvalid, "extracted manifest at `\(path)` invalid: read failed: \(error.text)")
    }
    let manifest: Manifest
    do throws(ManifestProblem) { manifest = try Manifest(parsing: bytes) } catch {
      throw InstallFailure(.manifestInvalid, "extracted manifest at `\(path)` invalid: \(error.text)")
    }
    guard manifest.id == found.id, manifest.version == found.release.version else {
      let (expected, got) = (
        "\(found.id.text)@\(found.release.version.text)", "\(manifest.id.text)@\(manifest.version.text)"
      )
      throw InstallFailure(
        .manifestMismatch, "extracted manifest mismatch: expected id=\(expected), got id=\(got)", expected: expected,
        presented: got)
    }
    return manifest
  }

  private func checkBinary(
    _ tree: UnpackedTree, _ folder: Folder, _ binary: String, _ name: String
  ) throws(InstallFailure) {
    guard let file = tree.file(binary) else {
      throw InstallFailure(
        .binaryMissing, "expected binary at `\(root.path)/\(name)/\(binary)` not found after extract")
    }
    guard file.mode & 0o111 != 0 else {
      throw InstallFailure(.binaryMissing, "expected binary at `\(root.path)/\(name)/\(binary)` is not executable")
    }
    let head: [UInt8]
    do throws(SystemError) {
      head = try folder.subfolder("bin").open(found.id.text).chunk() ?? []
    } catch { throw InstallFailure(.extractIo, "extract io error: read \(binary): \(error.text)") }
    // All targets of a release carry valid signatures of the same workflow: only the program itself tells them apart.
    if let platform = NativePlatform(programBeginningWith: head), !platform.runs(on: found.tarball.target) {
      throw InstallFailure(
        .manifestMismatch,
        "extracted binary is for \(platform.description), the tarball's target is `\(found.tarball.target)`",
        reason: "binding.target", expected: found.tarball.target, presented: platform.description)
    }
  }

  private func record(_ tree: UnpackedTree) -> InstallRecord {
    var record = InstallRecord(
      id: found.id.text, version: found.release.version.text, owner: found.release.owner,
      repository: found.release.repository, tag: order.coordinates.tag, target: found.tarball.target,
      sha256: Hex.encode(received.digest.bytes), installedAt: now.recordText, source: source)
    record.resolvedTag = found.release.tag
    record.chosenTarget = order.target.isChosen ? order.target.name : nil
    record.size = size
    record.trustMode = received.mode.rawValue
    record.files = tree.files.map {
      .init(path: $0.path, mode: UInt32($0.mode), size: $0.size, sha256: Hex.encode($0.sha256.bytes))
    }
    if let signature = received.signature, let file = signature.material.file {
      record.signature = .init(
        identity: signature.bound.signer.subject.text, issuer: signature.bound.signer.issuer,
        logIndex: signature.material.bundle.logEntries.first?.logIndex,
        signedAt: signature.bound.artifact.signingTimes.min()?.rfc3339, binding: signature.bound.rule.rawValue,
        bundle: file, bundleSHA256: (try? sha256(file)).map { Hex.encode($0) } ?? "",
        digest: signature.bound.artifact.digest.flatMap { $0.algorithm == .sha256 ? nil : $0 })
    }
    return record
  }

  // MARK: Switching

  /// With the root locked. True if what is there is just what would be put there.
  private func switchIn(
    _ name: String, _ record: InstallRecord, _ tree: UnpackedTree, _ warn: (String) -> Void
  ) throws(InstallFailure) -> Bool {
    do throws(SystemError) {
      guard try root.folder.entry(name) != nil else {
        try staging.folder.rename(Self.tree, to: root.folder, name, .ontoNothing)
        try root.folder.sync()
        return false
      }
      if let differences = try differences(name, record, tree) {
        warn("\(root.path)/\(name) is not what this release holds (\(differences)); it is replaced")
      } else if try !isOutdated(name, by: record) {
        return true
      }
      // The old one lands in the staging folder, and goes with it.
      try staging.folder.rename(Self.tree, to: root.folder, name, .exchange)
      try root.folder.sync()
      return false
    } catch {
      throw InstallFailure(.extractIo, "extract io error: rename staging → final failed: \(error.text)")
    }
  }

  /// Nil if the folder holds the same files as the tarball, byte for byte.
  private func differences(
    _ name: String, _ record: InstallRecord, _ tree: UnpackedTree
  ) throws(SystemError) -> String? {
    guard try root.folder.entry(name)?.kind == .folder else { return "no folder" }
    let there = try FileTree(of: try root.folder.subfolder(name))
    let lines = there.differences(from: record.files ?? [], folders: Set(tree.folders), limit: 3)
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }

  /// Whether the record that is there says less than, or something else than, the new one: then it is replaced with the
  /// tree. A record is never made to say less by installing again without verification.
  private func isOutdated(_ name: String, by record: InstallRecord) throws(SystemError) -> Bool {
    guard let old = PluginStore.plugin(at: root.path, name)?.record, old.sha256 == record.sha256,
      isSameName(old.owner, record.owner), isSameName(old.repository, record.repository)
    else { return true }
    return !old.wasVerified && record.wasVerified
  }
}
