import FileSystem
import SigstoreServices
import SigstoreVerify
import VerdictReport
import WireCoding

/// `nexo trust suggest`: the tightest entry for the trust policy that a release satisfies; the release is verified by it. Of a bundle file
/// alone, what its certificate claims.
public enum SuggestCommand {
  /// - Parameter options: its coordinates may be the path of a bundle.
  public static func run(_ options: InstallOptions, adds: Bool, in context: InstallContext) -> Int32 {
    let reporter = Reporter(context, isJSON: options.isJSON)
    do throws(InstallFailure) {
      let (author, isVerified) = try entry(options, reporter, context)
      if !isVerified {
        reporter.warn("the bundle was not verified: this is what its certificate says of itself")
      }
      reporter.table(author.entry.split(separator: "\n").map(String.init))
      var path: String?
      if adds {
        guard isVerified else {
          throw InstallFailure(.usage, "--add needs <owner>/<repo>[@<tag>]: what is added has to be verified first")
        }
        path = try TrustedKeysFile.add(author, configFolder: options.configFolder)
        reporter.success("Added to \(path ?? "")")
      }
      return reporter.finish([
        ("ok", .bool(true)), ("verified", .bool(isVerified)), ("authors_entry", .text(author.entry)),
        ("added_to", .optional(path)),
      ])
    } catch { return reporter.fail(error) }
  }

  private static func entry(
    _ options: InstallOptions, _ reporter: Reporter, _ context: InstallContext
  ) throws(InstallFailure) -> (author: (keys: TrustedKeys, entry: String), isVerified: Bool) {
    if let bytes = try? InputFile.read(path: options.coordinates, limit: SigningMaterial.bundleLimit) {
      let signer = try ClaimedSigner(SigningMaterial(bundle: bytes).bundle)
      let owner = signer.repository.flatMap { try? Coordinates($0) }?.owner
      guard let owner else {
        throw .cosignFailed("the certificate does not say which repository it is for", code: "binding.repository")
      }
      return (try signer.author(owner), false)
    }
    let coordinates = try Coordinates(options.coordinates)
    let source = try InstallCommand.source(options.from, context)
    let target = try Target.choose(flag: options.target, environment: context.environment)
    let log = options.log.offline(options.from)
    let denied = try DeniedList.load(configFolder: options.configFolder)
    func installer(_ keys: TrustedKeys) throws(InstallFailure) -> Installer {
      let settings = try Settings(
        trying: keys, context, configFolder: options.configFolder, trust: options.trust, log: log, denied: denied)
      return Installer(context, Reporter(context, isJSON: true), settings, source)
    }
    reporter.step("Resolving \(coordinates.text) (target: \(target.name))")
    let finder = try installer(TrustedKeys(parsing: [], path: "(no policy)"))
    let found = try finder.find(coordinates, target)
    try TrustDecision(mode: .require, material: found.material, isAuthorListed: true).check(owner: coordinates.owner)
    let author = try ClaimedSigner(finder.material(found).bundle).author(coordinates.owner)
    reporter.step("Verifying the release by it")
    if case .pair = found.material, !log.isOffline {
      reporter.step("Asking the log \(log.address ?? LogLookUp.publicLog) for the signature's entry")
    }
    _ = try Trial.install(try installer(author.keys), coordinates, target)
    return (author, true)
  }
}
