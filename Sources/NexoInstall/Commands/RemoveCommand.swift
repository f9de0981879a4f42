import FileSystem
import Glibc
import VerdictReport

/// `plugin remove <id>`: every installed version of it.
public enum RemoveCommand {
  public static func run(
    id: String, configFolder: String, purgesCache: Bool, isConfirmed: Bool, isJSON: Bool, in context: InstallContext
  ) -> Int32 {
    let reporter = Reporter(context, isJSON: isJSON)
    do throws(InstallFailure) {
      let settings = try Settings(context, configFolder: configFolder, readsTrustedKeys: false)
      guard let checked = PluginID(id) else { throw .notInstalled(id) }
      let versions = try PluginStore(searchPaths: settings.searchPaths).versions(of: checked)
      guard let current = versions.first else { throw .notInstalled(id) }
      guard isConfirmed else {
        throw InstallFailure(.needsYesConfirm, "removing plugin `\(id)` requires confirmation; pass --yes")
      }
      var removed: [String] = []
      for version in versions {
        do throws(SystemError) {
          try PluginRoot(path: version.root, create: false).remove(version.folderName)
        } catch {
          throw InstallFailure(.adminIo, "io error: remove \(version.path): \(error.text)")
        }
        removed.append(version.path)
        reporter.success("Plugin `\(id)` removed from \(version.path)")
      }
      let purged = purgesCache ? purge(checked, settings, reporter) : []
      if !purged.isEmpty { reporter.success("Cache purged") }
      let isEmitted = Announcing(settings: settings, reporter: reporter).announce(
        LifecycleEvent(
          id: checked, version: current.manifest.version.text, pluginFolder: current.path, change: .removed))
      if isEmitted { reporter.success("Lifecycle event emitted (broker)") }
      return reporter.finish([
        ("ok", .bool(true)), ("id", .text(id)), ("version", .text(current.manifest.version.text)),
        ("plugin_dir", .text(current.path)), ("removed_paths", .array((removed + purged).map { .text($0) })),
        ("cache_purged", .bool(!purged.isEmpty)), ("lifecycle_event_emitted", .bool(isEmitted)),
      ])
    } catch { return reporter.fail(error) }
  }

  /// What a plugin has left in the state folder.
  private static func purge(_ id: PluginID, _ settings: Settings, _ reporter: Reporter) -> [String] {
    ["\(settings.stateFolder)/plugins", "\(settings.stateFolder)/plugins/cache"].compactMap { parent in
      let path = "\(parent)/\(id.text)"
      do throws(SystemError) {
        let folder = try Folder(path: parent)
        guard try folder.entry(id.text) != nil else { return nil }
        try folder.removeTree(id.text)
        return path
      } catch {
        if error.number != ENOENT { reporter.warn("Failed to purge cache \(path): \(error.text) (skip)") }
        return nil
      }
    }
  }
}
