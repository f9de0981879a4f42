import ArgumentParser
import NexoInstall
import VerdictReport

struct Nexo: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nexo", abstract: "Installs signed plugins, without cosign.", version: "nexo \(Product.version)",
    subcommands: [Plugin.self])
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

struct TrustOptions: ParsableArguments {
  @Flag(help: "Refuse a release without a verified signature, whatever the policy says.") var requireSignature = false
  @Flag(help: "Verify nothing, whatever the policy says.") var skipSignatureVerify = false
  @Option(help: "A trusted_root.json in place of the embedded one.") var trustedRoot: [String] = []
  @Option(help: "Build of the plugin, such as x86_64-unknown-linux-gnu (default: this machine's).") var target:
    [String] = []
  @Option(help: "A folder with the release's assets, in place of the network.") var from: [String] = []
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
  options.trustedRoot = trust.trustedRoot.first
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
    options.trustedRoot = trust.trustedRoot.first
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
  @Option(help: "A trusted_root.json in place of the embedded one.") var trustedRoot: [String] = []
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    AuditCommand.run(
      configFolder: common.configFolder, trustedRoot: trustedRoot.first, isJSON: common.json, in: context)
  }
}

struct Check: RunnableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Tell an author whether a folder of assets would install with --require-signature.")
  @Argument(help: "Folder with the release's assets.") var folder: String
  @Argument(help: "<owner>/<repo>[@<tag>] to check for (default: what the certificates say).") var coordinates: String?
  @Option(help: "A trusted_root.json in place of the embedded one.") var trustedRoot: [String] = []
  @OptionGroup var common: CommonOptions

  func start(_ context: InstallContext) -> Int32 {
    CheckCommand.run(
      folder: folder, coordinates: coordinates, configFolder: common.configFolder, trustedRoot: trustedRoot.first,
      isJSON: common.json, in: context)
  }
}
