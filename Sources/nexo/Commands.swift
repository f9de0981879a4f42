import ArgumentParser
import NexoInstall
import VerdictReport

struct Nexo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nexo", abstract: "Installs signed plugins, without cosign.",
    discussion: """
      Beside these: verify-blob, verify-blob-attestation and inspect, as in nexo-verify, but with a network to ask a log; and bundle \
      upgrade, which completes a cosign bundle. `nexo verify-blob --help` lists their flags. completion prints completions for bash, \
      zsh or fish.
      """, version: "nexo \(Product.version)",
    subcommands: [Plugin.self, Trust.self])
}

struct Plugin: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Install, list, upgrade, remove, audit and check plugins.",
    subcommands: [
      Install.self, Fetch.self, List.self, Upgrade.self, Remove.self, Audit.self, Check.self,
    ])
}

struct CommonOptions: ParsableArguments {
  // A list, because the first of several wins.
  @Option(help: "Folder of the configuration (default: ./config).") var config: [String] = []
  @Flag(help: "Print one JSON object on standard output, and nothing for people.") var json = false

  var configFolder: String { config.first ?? Settings.defaultConfigFolder }
}

struct TrustedRootOptions: ParsableArguments {
  @Option(help: "A trusted_root.json in place of the one that is kept or embedded.") var trustedRoot: [String] = []
  @Option(help: "Refuse where the trusted root was refreshed more than so many days ago.") var maxTrustAge: [Int] = []

  mutating func validate() throws {
    if let days = maxTrustAge.first, !(0...36_525).contains(days) {
      throw ValidationError("--max-trust-age takes a number of days from 0 to 36525")
    }
  }

  var flags: TrustFlags { TrustFlags(rootFile: trustedRoot.first, maximumAge: maxTrustAge.first) }
}

struct TrustOptions: ParsableArguments {
  @Flag(help: "Refuse a release without a verified signature, whatever the policy says.") var requireSignature = false
  @Flag(help: "Verify nothing, whatever the policy says.") var skipSignatureVerify = false
  @OptionGroup var root: TrustedRootOptions
  @Flag(help: "Refresh the trusted root over the network first.") var update = false
  @Flag(help: "Ask no transparency log for what a release lacks.") var offline = false
  @Option(help: "The Rekor v1 log that may be asked for the entry of a signature without a bundle.") var rekorUrl:
    [String] = []
  @Flag(help: "Ask for a proof that the log's tree holds the signature, where a promise would do.")
  var requireInclusionProof = false
  @Option(help: "Build of the plugin, such as x86_64-unknown-linux-gnu (default: this machine's).") var target:
    [String] = []
  @Option(help: "A folder with the release's assets, in place of the network.") var from: [String] = []

  var flags: TrustFlags {
    var flags = root.flags
    flags.updates = update
    return flags
  }

  var log: LogFlags {
    LogFlags(isOffline: offline, address: rekorUrl.first, requiresInclusionProof: requireInclusionProof)
  }
}

struct Install: RunnableCommand {
  static let configuration = CommandConfiguration(abstract: "Install a plugin from its GitHub release.")
  @Argument(help: "<owner>/<repo>[@<tag>]; without a tag the latest release.") var coordinates: String
  @Option(help: "Folder to install into (default: the first search path).") var dest: [String] = []
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    var options = installOptions(coordinates, trust, common)
    options.destination = dest.first
    return InstallCommand.run(options, in: context)
  }
}

struct Fetch: RunnableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Download a release into a folder, for `plugin install --from` on a host without internet.")
  @Argument(help: "<owner>/<repo>[@<tag>]; without a tag the latest release.") var coordinates: String
  @Option(help: "Folder to make.") var out: [String] = []
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  mutating func validate() throws {
    guard !out.isEmpty else { throw ValidationError("Missing expected argument '--out <out>'") }
  }

  func start(_ context: InstallContext) -> Int32 {
    FetchCommand.run(installOptions(coordinates, trust, common), out: out.first ?? ".", in: context)
  }
}

private func installOptions(_ coordinates: String, _ trust: TrustOptions, _ common: CommonOptions) -> InstallOptions {
  var options = InstallOptions(coordinates: coordinates, configFolder: common.configFolder)
  options.target = trust.target.first
  options.requireSignature = trust.requireSignature
  options.skipSignatureVerify = trust.skipSignatureVerify
  options.isJSON = common.json
  options.from = trust.from.first
  options.trust = trust.flags
  options.log = trust.log
  return options
}

struct List: RunnableCommand {
  static let configuration = CommandConfiguration(abstract: "List the installed plugins.")
  @Flag(help: "Also those without a record of their installation.") var includeOrphan = false
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    ListCommand.run(
      configFolder: common.configFolder, includesOrphans: includeOrphan, isJSON: common.json, in: context)
  }
}

struct Upgrade: RunnableCommand {
  static let configuration = CommandConfiguration(abstract: "Install the newest release of an installed plugin.")
  @Argument(help: "Id of the plugin.") var id: String
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    var options = UpgradeOptions(id: id, configFolder: common.configFolder)
    options.target = trust.target.first
    options.requireSignature = trust.requireSignature
    options.skipSignatureVerify = trust.skipSignatureVerify
    options.isJSON = common.json
    options.from = trust.from.first
    options.trust = trust.flags
    options.log = trust.log
    return UpgradeCommand.run(options, in: context)
  }
}

struct Remove: RunnableCommand {
  static let configuration = CommandConfiguration(abstract: "Remove every version of an installed plugin.")
  @Argument(help: "Id of the plugin.") var id: String
  @Flag(help: "Remove what the plugin left in the state folder too.") var purgeCache = false
  @Flag(help: "Do it; without this flag nothing is removed.") var yes = false
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    RemoveCommand.run(
      id: id, configFolder: common.configFolder, purgesCache: purgeCache, isConfirmed: yes, isJSON: common.json,
      in: context)
  }
}

struct Audit: RunnableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify every installed plugin again, without a network.")
  @OptionGroup var root: TrustedRootOptions
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    AuditCommand.run(
      configFolder: common.configFolder, trust: root.flags, isJSON: common.json, in: context)
  }
}

struct Check: RunnableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell an author whether a folder of assets would install with --require-signature.")
  @Argument(help: "Folder with the release's assets.") var folder: String
  @Argument(help: "<owner>/<repo>[@<tag>] to check for (default: what the certificates say).") var coordinates: String?
  @OptionGroup var root: TrustedRootOptions
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    CheckCommand.run(
      folder: folder, coordinates: coordinates, configFolder: common.configFolder, trust: root.flags,
      isJSON: common.json, in: context)
  }
}

struct Trust: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Keep the trusted root up to date, carry it to hosts without internet, and help with the trust policy.",
    subcommands: [
      TrustUpdate.self, TrustShow.self, TrustExport.self, TrustImport.self, TrustVerify.self,
      TrustLint.self, TrustTest.self, TrustSuggest.self,
    ])
}

struct RepositoryOptions: ParsableArguments {
  @Flag(help: "Sigstore's staging instance in place of its production instance.") var staging = false
  @Option(help: "Root metadata of an own Sigstore, to begin with (a root.json).") var root: [String] = []
  @OptionGroup var common: CommonOptions

  var options: RepositoryChoice {
    var options = RepositoryChoice(configFolder: common.configFolder)
    options.isJSON = common.json
    options.isStaging = staging
    options.root = root.first
    return options
  }
}

struct TrustUpdate: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "update", abstract: "Refresh the kept trusted root over the network.")
  @Option(help: "Address of the TUF repository, or of a copy of it.") var mirror: [String] = []
  @Flag(help: "Ask even where the last refresh is less than an hour ago.") var force = false
  @OptionGroup var repository: RepositoryOptions

  func start(_ context: InstallContext) -> Int32 {
    var options = repository.options
    options.mirror = mirror.first
    options.isForced = force
    return TrustCommands.update(options, in: context)
  }
}

struct TrustShow: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Say whom is believed, since when, and how old that is.")
  @OptionGroup var repository: RepositoryOptions

  func start(_ context: InstallContext) -> Int32 { TrustCommands.show(repository.options, in: context) }
}

struct TrustExport: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the trusted root with all that proves it into one file, a trust pack.")
  @Argument(help: "File to write.") var file: String
  @OptionGroup var repository: RepositoryOptions

  func start(_ context: InstallContext) -> Int32 { TrustCommands.export(file, repository.options, in: context) }
}

struct TrustImport: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take over a trust pack, after verifying all of it.")
  @Argument(help: "A trust pack.") var file: String
  @OptionGroup var repository: RepositoryOptions

  func start(_ context: InstallContext) -> Int32 { TrustCommands.import(file, repository.options, in: context) }
}

struct TrustVerify: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Verify a trust pack without taking it over.")
  @Argument(help: "A trust pack.") var file: String
  @OptionGroup var repository: RepositoryOptions

  func start(_ context: InstallContext) -> Int32 { TrustCommands.verify(file, repository.options, in: context) }
}

struct TrustLint: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lint", abstract: "Say what a trust policy lets in that its author is likely not to mean.")
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    PolicyCommands.lint(configFolder: common.configFolder, isJSON: common.json, in: context)
  }
}

struct TrustTest: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Say which entry of the trust policy decides about a certificate's name, and why.")
  @Argument(help: "Name as the certificate has it: https://github.com/…@refs/tags/….") var name: String
  @Option(help: "Identity provider (default: GitHub Actions).") var issuer: [String] = []
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    PolicyCommands.test(
      name: name, issuer: issuer.first, configFolder: common.configFolder, isJSON: common.json, in: context)
  }
}

struct TrustSuggest: RunnableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suggest", abstract: "Print the tightest entry for the trust policy that a release satisfies.")
  @Argument(help: "<owner>/<repo>[@<tag>], or a bundle file.") var coordinates: String
  @Flag(help: "Add it to trusted_keys.toml, behind what is there.") var add = false
  @OptionGroup var trust: TrustOptions
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    SuggestCommand.run(installOptions(coordinates, trust, common), adds: add, in: context)
  }
}
