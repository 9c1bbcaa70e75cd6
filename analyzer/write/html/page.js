'use strict';
/* Zoom, search and keys of the flame graphs.  Without it the page shows everything, unmoved. */
(function () {
  const LETTER = 7.3;
  const graphs = Array.from(document.querySelectorAll('.flame svg')).map(makeGraph);
  const search = document.getElementById('search');
  const found = document.getElementById('found');
  const status = document.getElementById('status');
  const invert = document.getElementById('invert');

  function makeGraph(svg) {
    const total = Number(svg.dataset.total) || 1;
    const frames = Array.from(svg.querySelectorAll('.f')).map(function (element) {
      const title = element.querySelector('title').textContent;
      return {
        element: element,
        rect: element.querySelector('rect'),
        text: element.querySelector('text'),
        name: title.split('\n')[0],
        told: title.replace('\n', ': '),
        x: Number(element.dataset.x),
        width: Number(element.dataset.w),
        depth: Number(element.dataset.d),
      };
    });
    const graph = { svg: svg, frames: frames, total: total, zoom: frames[0], at: frames[0] };
    svg.addEventListener('click', function (event) {
      const frame = frameOf(graph, event.target);
      if (frame) {
        zoomTo(graph, frame);
      }
    });
    svg.addEventListener('mouseover', function (event) {
      const frame = frameOf(graph, event.target);
      if (frame) {
        status.textContent = frame.told;
      }
    });
    svg.addEventListener('keydown', function (event) { move(graph, event); });
    return graph;
  }

  function frameOf(graph, target) {
    const element = target.closest('.f');
    return graph.frames.find(function (frame) { return frame.element === element; });
  }

  function shown(graph) { return !graph.svg.parentElement.hidden; }

  /* What stands on the zoomed frame, and what it stands on. */
  function isVisible(graph, frame) {
    const zoom = graph.zoom;
    return frame.depth < zoom.depth
      ? frame.x <= zoom.x && frame.x + frame.width >= zoom.x + zoom.width
      : frame.x >= zoom.x && frame.x + frame.width <= zoom.x + zoom.width;
  }

  function draw(graph) {
    const width = Math.max(graph.svg.parentElement.clientWidth, 300);
    const scale = width / graph.zoom.width;
    graph.svg.setAttribute('width', width);
    graph.frames.forEach(function (frame) {
      const left = Math.max((frame.x - graph.zoom.x) * scale, 0);
      const right = Math.min((frame.x + frame.width - graph.zoom.x) * scale, width);
      const visible = isVisible(graph, frame) && right - left > 0.2;
      frame.element.style.display = visible ? '' : 'none';
      if (!visible) {
        return;
      }
      frame.rect.setAttribute('x', left.toFixed(2));
      frame.rect.setAttribute('width', (right - left).toFixed(2));
      frame.text.setAttribute('x', (left + 3).toFixed(2));
      const letters = Math.floor((right - left - 6) / LETTER);
      frame.text.textContent = fit(frame.name, letters);
    });
  }

  /* Arguments of templates go first, the innermost before the others, but not Rust's <type as trait> at the beginning;
     then what is too much at the end. */
  function fit(name, letters) {
    const rounds = [/<(?!\.{3}>)[^<>]{4,}>/g, /<(?!\.{3}>)(?:[^<>]|<[^<>]{0,3}>){4,}>/g];
    rounds.forEach(function (theArguments) {
      let longer = '';
      while (name.length > letters && name !== longer) {
        longer = name;
        name = name.replace(theArguments, function (all, at) { return at === 0 ? all : '<...>'; });
      }
    });
    return name.length <= letters ? name : letters > 3 ? name.slice(0, letters - 1) + '…' : '';
  }

  function zoomTo(graph, frame) {
    graph.zoom = frame;
    stand(graph, frame);
    draw(graph);
  }

  function stand(graph, frame) {
    graph.at.element.classList.remove('at');
    graph.at = frame;
    frame.element.classList.add('at');
    status.textContent = frame.told;
  }

  /* Up and down the stack; left and right among what stands side by side. */
  function move(graph, event) {
    const at = graph.at;
    const visible = graph.frames.filter(function (frame) { return isVisible(graph, frame); });
    let next;
    if (event.key === 'ArrowDown') {
      next = visible.filter(function (frame) {
        return frame.depth === at.depth + 1 && frame.x >= at.x && frame.x + frame.width <= at.x + at.width;
      }).sort(function (a, b) { return b.width - a.width; })[0];
    } else if (event.key === 'ArrowUp') {
      next = visible.find(function (frame) {
        return frame.depth === at.depth - 1 && frame.x <= at.x && frame.x + frame.width >= at.x + at.width;
      });
    } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
      const forward = event.key === 'ArrowRight';
      next = visible.filter(function (frame) {
        return frame.depth === at.depth && (forward ? frame.x > at.x : frame.x < at.x);
      }).sort(function (a, b) { return forward ? a.x - b.x : b.x - a.x; })[0];
    } else if (event.key === 'Enter' || event.key === ' ') {
      zoomTo(graph, at);
      event.preventDefault();
    } else if (event.key === 'Escape') {
      zoomTo(graph, graph.frames[0]);
    } else {
      return;
    }
    if (next) {
      stand(graph, next);
      event.preventDefault();
    }
  }

  /* Samples of a frame that stands on another hit are in that one. */
  function find() {
    const word = search.value.toLowerCase();
    graphs.forEach(function (graph) {
      let samples = 0;
      let frames = 0;
      const hits = [];
      graph.frames.forEach(function (frame) {
        const hit = word !== '' && frame.name.toLowerCase().includes(word);
        frame.element.classList.toggle('hit', hit);
        if (!hit) {
          return;
        }
        frames += 1;
        const inner = hits.some(function (other) {
          return other.depth < frame.depth && other.x <= frame.x &&
            other.x + other.width >= frame.x + frame.width;
        });
        hits.push(frame);
        samples += inner ? 0 : frame.width;
      });
      if (shown(graph)) {
        found.textContent = word === '' ? ''
          : frames + (frames === 1 ? ' frame, ' : ' frames, ') +
            (100 * samples / graph.total).toFixed(2) + ' % of samples';
      }
    });
  }

  function drawAll() { graphs.filter(shown).forEach(draw); }

  if (graphs.length === 0) {
    return;
  }
  search.addEventListener('input', find);
  document.getElementById('reset').addEventListener('click', function () {
    search.value = '';
    find();
    graphs.forEach(function (graph) { graph.zoom = graph.frames[0]; });
    drawAll();
  });
  invert.addEventListener('click', function () {
    const inverted = invert.getAttribute('aria-pressed') !== 'true';
    invert.setAttribute('aria-pressed', String(inverted));
    graphs.forEach(function (graph, number) { graph.svg.parentElement.hidden = (number === 1) !== inverted; });
    drawAll();
    find();
  });
  window.addEventListener('resize', drawAll);
  drawAll();
}());
