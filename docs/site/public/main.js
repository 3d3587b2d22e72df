// A link to a file or folder of the repository that is no page of the site leads to the repository.
export default {
  start: () => {
    const root = new URL(document.querySelector('meta[name="docfx:rel"]').content || './', location.href).href
    const page = location.href.slice(root.length).split(/[?#]/)[0]

    // The first page is README.md, included by docs/site/index.md: links that are no pages are seen from there.
    const folder = page === '' || page === 'index.html' ? root + 'docs/site/' : location.href
    for (const link of document.querySelectorAll('article a[href]')) {
      const target = link.getAttribute('href')
      if (!/^[a-z]+:|^#|\.html(#|$)|\/$/.test(target))
        link.href = 'https://github.com/sessionstores/sessionstores/blob/main/' + new URL(target, folder).href.slice(root.length)
    }
  }
}
