import FileSystem
import FulcioCert
import Glibc
import OpenSSLCrypto
import SigstoreBundle
import SigstoreVerify
import VerdictReport
import WireCoding

/// `plugin check DIR`: whether a folder of assets would install with `--require-signature`, for an author before publishing.
///
/// Each tarball is installed into a folder that is thrown away. Who may sign is taken from the certificates themselves, and
/// printed as the `[[authors]]` entry to publish: that it is the right one, only the author can know.
public enum CheckCommand {
  /// - Parameter coordinates: `<owner>/<repo>[@<tag>]`; nil takes them from the certificates.
  public static func run(
    folder: String, coordinates: String?, configFolder: String, trust: TrustFlags, isJSON: Bool,
    in context: InstallContext
  ) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let source = try FolderRelease(path: folder, isCancelled: context.isCancelled)
      let manifest = try readManifest(folder)
      let claims = try claims(folder, manifest)
      let wanted = try Coordinates(coordinates ?? "\(claims.repository)@\(claims.tag)")
      let coordinates =
        wanted.wantsNewest ? try Coordinates("\(wanted.owner)/\(wanted.repository)@\(claims.tag)") : wanted
      reporter.step("Checking \(folder) as \(coordinates.text)")
      let author = try claims.signer.author(coordinates.owner)
      let settings = try Settings(trying: author.keys, context, configFolder: configFolder, trust: trust)
      var results: [JSONOutput] = []
      var failures = 0
      for name in claims.tarballs {
        let target = target(of: name, manifest)
        let installer = Installer(context, Reporter(context, isJSON: true), settings, source)
        do throws(InstallFailure) {
          let outcome = try Trial.install(installer, coordinates, target)
          reporter.success("\(name) would install (sha256 \(shortDigest(outcome.sha256)))")
          results.append(.object([("tarball", .text(name)), ("ok", .bool(true)), ("sha256", .text(outcome.sha256))]))
        } catch {
          guard error.kind != .interrupted else { throw error }
          failures += 1
          reporter.line("✗ \(name): \(error.kind.name): \(error.message)")
          for hint in error.hint { reporter.line("  " + hint) }
          results.append(
            .object([
              ("tarball", .text(name)), ("ok", .bool(false)), ("kind", .text(error.kind.name)),
              ("error", .text(error.message)), ("reason", .optional(error.reason)),
            ]))
        }
        installer.reporter.warnings.forEach(reporter.warn)
      }
      let more: [(String, JSONOutput)] = [
        ("coordinates", .text(coordinates.text)), ("tarballs", .array(results)), ("authors_entry", .text(author.entry)),
      ]
      guard failures == 0 else {
        return reporter.fail(
          InstallFailure(
            .checkFailed, "\(failures) of \(claims.tarballs.count) tarballs would not install with --require-signature"),
          more: more)
      }
      reporter.line("  the entry for trusted_keys.toml, to be published beside the plugin:")
      reporter.table(author.entry.split(separator: "\n").map(String.init))
      return reporter.finish([("ok", .bool(true))] + more)
    } catch { return reporter.fail(error) }
  }

  private static func readManifest(_ folder: String) throws(InstallFailure) -> Manifest {
    do {
      return try Manifest(parsing: try InputFile.read(path: "\(folder)/\(Manifest.name)", limit: Manifest.limit))
    } catch let error as ManifestProblem {
      throw InstallFailure(.releaseShape, "release `\(folder)` shape error: manifest parse failed: \(error.text)")
    } catch {
      throw InstallFailure(
        .releaseShape, "release `\(folder)` shape error: release is missing required asset `\(Manifest.name)`")
    }
  }

  // MARK: What the certificates claim

  private struct Claims {
    let tarballs: [String]
    /// `owner/repo`
    let repository: String
    let tag: String
    let signer: ClaimedSigner
  }

  private static func claims(_ path: String, _ manifest: Manifest) throws(InstallFailure) -> Claims {
    let stem = "\(manifest.id.text)-\(manifest.version.text)-"
    let names: [String]
    let folder: Folder
    do throws(SystemError) {
      folder = try Folder(path: path)
      names = try folder.names(atMost: Release.mostAssets)
    } catch { throw InstallFailure(.io, "install io error: read folder \(path): \(error.text)") }
    let tarballs = names.filter { $0.hasPrefix(stem) && $0.hasSuffix(".tar.gz") }
    guard let first = tarballs.first else {
      throw InstallFailure(
        .targetNotFound,
        "release for `\(manifest.id.text)@\(manifest.version.text)` has no tarball `\(stem)<target>.tar.gz`",
        available: names.filter { $0.hasSuffix(".tar.gz") })
    }
    let material = [".bundle", ".sigstore.json", ".sigstore"].map { first + $0 }.first { names.contains($0) }
    guard let material else {
      throw InstallFailure(
        .policyRequiresSig, "`\(first)` has no .bundle beside it", reason: "policy.unsigned",
        hint: ["Hint: sign it with `cosign sign-blob --bundle \(first).bundle \(first)`."])
    }
    let bytes: [UInt8]
    do throws(SystemError) { bytes = try folder.read(material, limit: SigningMaterial.bundleLimit) } catch {
      throw InstallFailure(.io, "install io error: read \(path)/\(material): \(error.text)")
    }
    let signer = try ClaimedSigner(SigningMaterial(bundle: bytes).bundle)
    return Claims(
      tarballs: tarballs, repository: signer.repository ?? "", tag: signer.tag ?? "v\(manifest.version.text)",
      signer: signer)
  }

  // MARK: Trying

  private static func target(of tarball: String, _ manifest: Manifest) -> Target {
    let stem = "\(manifest.id.text)-\(manifest.version.text)-"
    return Target(name: String(tarball.dropFirst(stem.count).dropLast(".tar.gz".count)), isChosen: true)
  }
}
