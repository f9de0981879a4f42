/// One case on disk: a signature with what a verifier is told and what it must answer.
///
/// The layout is that of `Tests/Vectors/SOURCES.md`; real material beside the project has the same one.
public struct CaseFolder: Sendable, CustomStringConvertible {
  /// `folder/case`, for messages.
  public let name: String
  public let path: String

  public init(name: String, path: String) {
    self.name = name
    self.path = path
  }

  public var description: String { name }

  /// The bytes of one of the case's files; nil where the case has none.
  public func file(_ name: String) -> [UInt8]? { ProjectFolder.contents(path + "/" + name) }

  /// A file of one line, without white space around it.
  public func line(_ name: String) -> String? {
    guard let bytes = file(name) else { return nil }
    let blank: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    let body = bytes.drop { blank.contains($0) }
    guard let last = body.lastIndex(where: { !blank.contains($0) }) else { return "" }
    return String(decoding: body[...last], as: UTF8.self)
  }

  /// Every folder in `path` that holds an `expect`, `depth` levels down.
  public static func all(in path: String, depth: Int = 1, prefix: String = "") -> [CaseFolder] {
    ProjectFolder.names(in: path).flatMap { name -> [CaseFolder] in
      let folder = path + "/" + name
      guard ProjectFolder.isFolder(folder) else { return [] }
      if depth > 1 { return all(in: folder, depth: depth - 1, prefix: prefix + name + "/") }
      let found = CaseFolder(name: prefix + name, path: folder)
      return found.file("expect") == nil ? [] : [found]
    }
  }
}
