import FileSystem
import FulcioCert
import Glibc
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// `plugin fetch <owner>/<repo>[@<tag>] --out DIR`: a release's assets into a folder, for `plugin install --from DIR` on a host
/// without internet.
///
/// What is fetched is checked as for an install, so that a release that will be refused there is refused here. The other host
/// checks everything again.
public enum FetchCommand {
  public static func run(_ options: InstallOptions, out: String, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: options.isJSON)
    var installer: Installer?
    do throws(InstallFailure) {
      let flag = try options.flag()
      let coordinates = try Coordinates(options.coordinates)
      var settings = try Settings(
        context, configFolder: options.configFolder, trust: options.trust,
        log: options.log.offline(options.from))
      settings.refreshed = try TrustUpkeep.updateIfAsked(settings, reporter, context)
      settings.trustedKeys.warnings.forEach(reporter.warn)
      let target = try Target.choose(flag: options.target, environment: context.environment)
      let made = Installer(context, reporter, settings, try InstallCommand.source(options.from, context))
      installer = made
      reporter.step("Resolving \(coordinates.text) (target: \(target.name))")
      let found = try made.find(coordinates, target)
      made.sayFound(found)
      let fetched = try fetch(
        made, found, .init(coordinates: coordinates, target: target, flag: flag, destination: out), out)
      reporter.success("Release fetched to \(out)")
      reporter.line(
        "  install it with: nexo plugin install \(coordinates.owner)/\(coordinates.repository)@\(found.release.tag) --from \(out)"
      )
      return reporter.finish(fields(found, fetched, out))
    } catch { return reporter.fail(error, verification: installer?.verification) }
  }

  private struct Fetched {
    let received: Installer.Received
    let size: Int
    let names: [String]
  }

  private static func fetch(
    _ installer: Installer, _ found: Installer.Found, _ order: Installer.Order, _ out: String
  ) throws(InstallFailure) -> Fetched {
    var path = Substring(out)
    while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
    let parent = Folder.parent(of: String(path)) ?? "."
    let name = String(path.split(separator: "/").last ?? "")
    do {
      let root = try PluginRoot(path: parent, create: true)
      let staging = try root.makeStaging()
      let tarball = try ScratchFile(in: staging.folder)
      let received = try installer.receive(order, found, into: tarball)
      try staging.folder.makeFolder("release", mode: 0o700)
      let folder = try staging.folder.subfolder("release")
      let names = try write(installer, found, tarball, received, into: folder)
      try system { fchmod(folder.descriptor, 0o755) }
      try folder.sync()
      // An empty folder gives way; one with anything in it does not.
      root.folder.removeIfEmpty(name)
      try staging.folder.rename("release", to: root.folder, name, .ontoNothing)
      try root.folder.sync()
      return Fetched(received: received, size: tarball.size, names: names)
    } catch let error as InstallFailure { throw error } catch let error as SystemError {
      let text = error.number == EEXIST ? "there is something already" : error.text
      throw InstallFailure(.io, "install io error: create dest: \(out): \(text)")
    } catch { throw InstallFailure(.io, "install io error: create dest: \(out)") }
  }

  private static func write(
    _ installer: Installer, _ found: Installer.Found, _ tarball: ScratchFile, _ received: Installer.Received,
    into folder: Folder
  ) throws -> [String] {
    var names: [String] = []
    func put(_ name: String, _ bytes: [UInt8]) throws(SystemError) {
      try folder.create(name, mode: 0o644, bytes)
      names.append(name)
    }
    let small =
      [(Manifest.name, AssetRole.manifest, Manifest.limit), (found.tarball.checksum.name, .checksum, Checksum.limit)]
      + found.material.assets.map { ($0.name, .signature, SigningMaterial.bundleLimit) }
    // What a log had to be asked for goes along: the other host has nobody to ask.
    let learnt = found.tarball.asset.name + ".bundle"
    let material = received.signature?.material
    let completed = material?.bundle.origin == .lookedUp ? material?.file : nil
    if let completed { try put(learnt, completed) }
    for (name, role, limit) in small where completed == nil || name != learnt {
      guard let asset = found.release.asset(name) else { continue }
      try put(name, try installer.source.read(asset, of: found.release, role: role, limit: limit))
    }
    try put(FolderRelease.tagFile, Array("tag=\(found.release.tag)\n".utf8))
    try tarball.copy(to: folder, found.tarball.asset.name)
    names.append(found.tarball.asset.name)
    return names.sorted()
  }

  private static func fields(
    _ found: Installer.Found, _ fetched: Fetched, _ out: String
  ) -> [(String, JSONOutput)] {
    var fields: [(String, JSONOutput)] = [
      ("ok", .bool(true)), ("id", .text(found.id.text)), ("version", .text(found.release.version.text)),
      ("target", .text(found.tarball.target)), ("tag", .text(found.release.tag)), ("out_dir", .text(out)),
      ("sha256", .text(found.checksum.hex)), ("size_bytes", .number(fetched.size)),
      ("files", .array(fetched.names.map { .text($0) })),
      ("signature_verified", .bool(fetched.received.signature != nil)),
    ]
    if let signature = fetched.received.signature {
      fields.append(("signature_identity", .text(signature.bound.signer.subject.text)))
      fields.append(("signature_issuer", .text(signature.bound.signer.issuer)))
    }
    return fields + [("trust_mode", .text(fetched.received.mode.rawValue))]
  }
}
