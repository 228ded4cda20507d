"""Which renditions of a presentation a request wants: `filter=(type=="audio"&&systemLanguage=="eng")`."""
