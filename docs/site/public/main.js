// A link to a file or folder of the repository that is no page of the site leads to the repository.
export default {
  start: () => {
    const root = new URL(document.querySelector('meta[name="docfx:rel"]').content, location.href)
    for (const link of document.querySelectorAll('article a[href]'))
      if (link.href.startsWith(root.href) && !/\.(html|png)$/.test(link.pathname) && !link.pathname.endsWith('/'))
        link.href = 'https://github.com/sessionstores/sessionstores/blob/main/' + link.href.slice(root.href.length)
  }
}
